import type { KeyGroupRange, SegmentRef } from '../protocol/segment-ref.ts';
import { keyGroupsIn } from './key-group-ranges.ts';

/*
 * Compaction rolls: a checkpoint that writes changes also rewrites some key groups whole, so that older segments are no
 * longer needed for them. It decides from what is stored alone, so that a copy that was just loaded writes the same
 * bytes as one that was warm all along.
 *
 * 1. Each checkpoint may rewrite about as many entries as it has changes, so its cost stays in proportion to them.
 * 2. The key groups that need the oldest segment come first, and none is passed over. In a steady state that is round
 *    robin, and the oldest segment is always the next to go.
 * 3. A key group is rewritten whole or not at all. One that has more entries than are due waits until they have been
 *    saved up: what is left of each checkpoint's due is a credit, which travels in the segments. So a key group that
 *    holds a map of 100,000 entries is rewritten once in 100,000 changes, not when one entry changes.
 * 4. Above the soft maximum of segments, each checkpoint has that share of the state as its due on top, so that all of
 *    it is rewritten within as many checkpoints, however small the changes and however large a key group is: there are
 *    never many more than twice the soft maximum of segments.
 * 5. What has been saved up for the key group that is next never exceeds its entries; without one there is no credit.
 *
 * 6. State that lies in segments of what the job was restored from comes before all that, as many entries as may be
 *    rewritten of it in one checkpoint, and one key group at least: normally all of it in the first. Until it is done,
 *    nothing else is rewritten, and nothing is saved up.
 *
 * A rewrite of a large key group is a single large write, since references name whole key groups. It is paid for in
 * advance, so the average stays in proportion; what one checkpoint writes at most is its changes, as many entries
 * again, and one key group.
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
  readonly credit: number;
  /** What may be rewritten of state that is not the job's own. */
  readonly foreignEntriesMax: number;
  entriesIn(keyGroup: number): number;
}

export interface CompactionChoice {
  readonly keyGroups: ReadonlySet<number>;
  readonly credit: number;
}

/** Which key groups to rewrite whole. */
export function chooseCompaction(input: CompactionInput): CompactionChoice {
  const foreign = chooseForeign(input);
  if (foreign.size > 0) return { keyGroups: foreign, credit: input.credit };
  const keyGroups = new Set<number>();
  const added = entriesDue(input);
  if (added === 0) return { keyGroups, credit: input.credit };
  let due = input.credit + added;
  for (const segment of input.live) {
    for (const keyGroup of keyGroupsIn(segment.keyGroups, input.within)) {
      if (keyGroups.has(keyGroup)) continue;
      const entries = input.entriesIn(keyGroup);
      if (entries > due) return { keyGroups, credit: due };
      keyGroups.add(keyGroup);
      due -= entries;
    }
  }
  return { keyGroups, credit: 0 };
}

function chooseForeign(input: CompactionInput): ReadonlySet<number> {
  const keyGroups = new Set<number>();
  let left = input.foreignEntriesMax;
  for (const segment of input.live) {
    if (segment.foreign !== true) continue;
    for (const keyGroup of keyGroupsIn(segment.keyGroups, input.within)) {
      if (keyGroups.has(keyGroup)) continue;
      left -= input.entriesIn(keyGroup);
      if (left < 0 && keyGroups.size > 0) return keyGroups;
      keyGroups.add(keyGroup);
    }
  }
  return keyGroups;
}

function entriesDue(input: CompactionInput): number {
  const share = input.live.length > input.softMax ? Math.ceil(input.entries / input.softMax) : 0;
  return (input.changes === 0 ? 0 : Math.max(input.changes, compactionEntriesMin)) + share;
}
