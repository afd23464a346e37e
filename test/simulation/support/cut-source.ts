import type { Source } from '../../../src/stream/source.ts';

export interface CutSourceOptions<T> {
  readonly name: string;
  /** Each split's elements. */
  readonly splits: readonly (readonly T[])[];
  /** How many elements a read gives, in turn. */
  readonly cuts: readonly number[];
  /** Whether more may be read in the same epoch. Then how far an epoch goes is the engine's choice. */
  readonly greedy: boolean;
  readonly recordsPerSecond?: number;
  /** When the second half of the splits is found, after the first; left out: all are found at once. */
  readonly lateMs?: number | undefined;
}

interface Split {
  readonly index: number;
  readonly [field: string]: number;
}

/** A bounded source whose reads end where they are told to, so that epochs do. Positions are counts within a split. */
export function cutSource<T>(options: CutSourceOptions<T>): Source<T, Split, number> {
  const { name, splits, cuts, greedy, recordsPerSecond, lateMs } = options;
  const ends = cutsUpTo(cuts, Math.max(...splits.map((elements) => elements.length)));
  return {
    kind: 'source',
    name,
    boundedness: 'bounded',
    ...(recordsPerSecond === undefined ? {} : { recordsPerSecond }),
    async enumerate(state, { parallelism, processingTime }) {
      const known = (state as number | undefined) ?? 0;
      const found = lateMs === undefined || known > 0 ? splits.length : splits.length >> 1;
      const assignments = splits.slice(known, found).map((_, at) => ({
        subtask: (known + at) % parallelism,
        splitId: String(known + at).padStart(6, '0'),
        split: { index: known + at },
      }));
      const done = found === splits.length;
      return { state: found, assignments, done, ...(done ? {} : { nextDueAt: processingTime + (lateMs ?? 0) }) };
    },
    startOf: () => 0,
    createReader: () => ({
      async read({ index }, position, budget) {
        const elements = splits[index]!;
        const cut = ends.find((end) => end > position) ?? elements.length;
        const end = Math.min(cut, position + budget.records, elements.length);
        const endOfSplit = end === elements.length;
        return {
          records: elements.slice(position, end),
          position: end,
          bytes: end - position,
          skipped: 0,
          endOfSplit,
          backlog: greedy && !endOfSplit,
          describe: (at) => `element ${position + at} of split ${index}`,
        };
      },
    }),
  };
}

function cutsUpTo(cuts: readonly number[], length: number): readonly number[] {
  const ends: number[] = [];
  for (let end = 0; end < length; ) {
    end += cuts[ends.length % cuts.length]!;
    ends.push(end);
  }
  return ends;
}
