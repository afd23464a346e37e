import type { KeyGroupRange, SegmentRef } from '../protocol/segment-ref.ts';
import { keyGroupsIn } from './key-group-ranges.ts';

/*
 * Compaction rolls: a checkpoint that writes changes also rewrites some key groups whole, so that older segments are no
 * longer needed for them. It decides from what is stored alone, so that a copy that was just loaded writes the same
 * bytes as one that was warm all along.
 *
 * 1. Each checkpoint rewrites about as many entries as it has changes, so its cost stays in proportion to them.
 * 2. The key groups that need the oldest segment come first. In a steady state that is round robin, and the oldest
 *    segment is always the next to go.
 * 3. A key group is rewritten whole even when that is more than was due; the rest is a debt that later checkpoints
 *    work off before they rewrite more. The debt travels in the segments.
 * 4. Above the soft maximum of segments, each checkpoint rewrites that share of the state on top, so that all of it is
 *    rewritten within as many checkpoints, however small the changes are.
 */

/** Of changes fewer than this, as many are rewritten: the request costs the same, and small state stays in few segments. */
export const compactionEntriesMin = 16;

export interface CompactionInput {
  /** The parent's segments, oldest first. */
  readonly live: readonly SegmentRef[];
  readonly softMax: number;
  /** The key groups of the subtask. */
  readonly within: KeyGroupRange;
  /** Entries that changed, and all that there are. */
  readonly changes: number;
  readonly entries: number;
  readonly debt: number;
  entriesIn(keyGroup: number): number;
}

export interface CompactionChoice {
  readonly keyGroups: ReadonlySet<number>;
  readonly debt: number;
}

/** Which key groups to rewrite whole. */
export function chooseCompaction(input: CompactionInput): CompactionChoice {
  const keyGroups = new Set<number>();
  let due = entriesDue(input) - input.debt;
  if (due <= 0) return { keyGroups, debt: -due };
  for (const segment of input.live) {
    for (const keyGroup of keyGroupsIn(segment.keyGroups, input.within)) {
      if (keyGroups.has(keyGroup)) continue;
      if (due <= 0) return { keyGroups, debt: -due };
      keyGroups.add(keyGroup);
      due -= input.entriesIn(keyGroup);
    }
  }
  return { keyGroups, debt: Math.max(-due, 0) };
}

function entriesDue(input: CompactionInput): number {
  const share = input.live.length > input.softMax ? Math.ceil(input.entries / input.softMax) : 0;
  return (input.changes === 0 ? 0 : Math.max(input.changes, compactionEntriesMin)) + share;
}
