import type { Key } from '../values/key.ts';

/**
 * A run of records and the watermark that held after it: the unit in which subtasks hand over. Columns by index;
 * `keys` and `keyGroups` only on hash edges, `timestamps` only if the stream has them (NaN where a record has none).
 */
export interface RecordBlock {
  readonly values: readonly unknown[];
  readonly timestamps: readonly number[] | undefined;
  readonly keys: readonly Key[] | undefined;
  readonly keyGroups: readonly number[] | undefined;
  /** After the block; null while there is none. Never lower than the block's before. */
  readonly watermark: number | null;
}

/** Everything one upstream subtask sends to one target over one edge in an epoch, in order; the last block may be empty and carries the barrier's watermark. */
export type BlockRun = readonly RecordBlock[];
