import type { Key } from '../values/key.ts';

/**
 * Everything one upstream subtask sends to one target over one edge in an epoch, in order: records in columns, and the
 * rises of the sender's watermark between them. A run is cut into blocks by the rises: what stands between two of them
 * was emitted under one watermark. Rises are noted where a record follows them, so that a watermark that goes up with
 * every record costs a few bytes per record, not an object; the barrier's own watermark is in the acknowledgement.
 *
 * `keys` and `keyGroups` only on hash edges, `timestamps` only if the stream has them (NaN where a record has none).
 */
export interface RecordRun {
  readonly values: readonly unknown[];
  readonly timestamps: ArrayLike<number> | undefined;
  readonly keys: readonly Key[] | undefined;
  readonly keyGroups: ArrayLike<number> | undefined;
  /** Ascending: before record `risesAt[i]` the sender's watermark had become `risesTo[i]`, which ascends too. */
  readonly risesAt: ArrayLike<number>;
  readonly risesTo: ArrayLike<number>;
}
