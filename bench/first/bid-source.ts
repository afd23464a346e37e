import type { Source, SplitBatch } from '../../src/stream/source.ts';
import { type Bid, bidAt } from './bids.ts';

/** Every `of`-th bid, from bid `first` on, as long as there are any before `count`. */
type BidSplit = { readonly first: number; readonly of: number; readonly count: number };

/** What a bid counts as, against a batch's bound. */
const bidBytes = 64;

/** So many bids, made as fast as they are asked for: a split for each subtask. Positions count the bids of a split. */
export function bidSource(count: number): Source<Bid, BidSplit, number> {
  return {
    kind: 'source',
    name: 'bids',
    boundedness: 'bounded',
    async enumerate(_state, { parallelism }) {
      const assignments = Array.from({ length: parallelism }, (_, subtask) => ({
        subtask,
        splitId: String(subtask).padStart(6, '0'),
        split: { first: subtask, of: parallelism, count },
      }));
      return { state: parallelism, assignments, done: true };
    },
    startOf: () => 0,
    createReader: () => ({
      read: async (split, position, budget) => readBids(split, position, Math.min(budget.records, budget.bytes / bidBytes)),
    }),
  };
}

function readBids({ first, of, count }: BidSplit, position: number, most: number): SplitBatch<Bid, number> {
  const inSplit = Math.ceil((count - first) / of);
  const taken = Math.min(Math.max(1, Math.floor(most)), inSplit - position);
  const records = new Array<Bid>(taken);
  for (let i = 0; i < taken; i++) records[i] = bidAt(first + (position + i) * of);
  const endOfSplit = position + taken === inSplit;
  return {
    records,
    position: position + taken,
    bytes: taken * bidBytes,
    skipped: 0,
    endOfSplit,
    backlog: !endOfSplit,
    describe: (index) => `bid ${first + (position + index) * of}`,
  };
}
