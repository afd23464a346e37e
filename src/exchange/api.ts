import type { Key } from '../values/key.ts';

/** Records in order; each time it is asked for one, it may give another object that is equal. */
export interface Records extends Iterable<unknown> {
  readonly length: number;
  at(index: number): unknown;
}

/**
 * Everything one upstream subtask sends to one target over one edge in an epoch, in order: records in columns, and the
 * rises of the sender's watermark between them. A run is cut into blocks by the rises: what stands between two of them
 * was emitted under one watermark. Rises are noted where a record follows them, so that a watermark that goes up with
 * every record costs a few bytes per record, not an object; the barrier's own watermark is in the acknowledgement.
 *
 * `timestamps` only if the stream has them (NaN where a record has none). `keys` only on hash edges, and only where the
 * key is not a field of the record. `keyGroups` only on hash edges, and only if there are keys other than 32-bit
 * integers; -1 where it is not told.
 */
export interface RecordRun {
  readonly values: Records;
  readonly timestamps: ArrayLike<number> | undefined;
  readonly keys: readonly Key[] | undefined;
  readonly keyGroups: ArrayLike<number> | undefined;
  /** Ascending: before record `risesAt[i]` the sender's watermark had become `risesTo[i]`, which ascends too. */
  readonly risesAt: ArrayLike<number>;
  readonly risesTo: ArrayLike<number>;
}
