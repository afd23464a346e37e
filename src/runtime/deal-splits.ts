import type { Portable } from '../values/portable.ts';
import { dealList } from './deal-list.ts';
import type { StoredSplits } from './source-splits.ts';

/**
 * What each subtask of a source begins with at another parallelism: the splits that are not read to their end, by id, in
 * contiguous slices. The share in what all may read together goes by the splits dealt out; what a paced source had
 * earned is divided by it.
 */
export function dealSplits(before: readonly StoredSplits[], parallelism: number): readonly Portable[] {
  const splits = before.flatMap((each) => each.splits).sort((a, b) => (a.splitId < b.splitId ? -1 : 1));
  const allowance = before.reduce((sum, each) => sum + each.allowance, 0);
  const watermark = before.reduce<number | null>(
    (lowest, each) => (lowest === null || each.watermark === null ? null : Math.min(lowest, each.watermark)),
    Number.MAX_SAFE_INTEGER,
  );
  return dealList(splits, parallelism).slices.map((own) => {
    const dealt: StoredSplits = {
      done: before.some(({ done }) => done),
      assigned: own.length,
      assignedToAll: splits.length,
      allowance: splits.length === 0 ? 0 : (allowance * own.length) / splits.length,
      watermark,
      splits: own,
    };
    return dealt as unknown as Portable;
  });
}
