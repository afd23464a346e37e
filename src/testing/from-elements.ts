import { assert } from '../base/assert.ts';
import type { Source, SplitBatch } from '../stream/source.ts';

export interface FromElementsOptions {
  /** Of the source; default `elements`. */
  readonly name?: string;
  /**
   * How many splits the elements are dealt out to, the first element to the first split, the second to the second, and
   * so on; default: one for each subtask. Within a split the order is kept.
   */
  readonly splits?: number;
  /** At most so many elements a second over all subtasks: with the checkpoint interval, how many go into an epoch. */
  readonly recordsPerSecond?: number;
  /**
   * Lets a read give fewer elements than asked, as chance and the clock have it: then what goes into an epoch differs
   * from one attempt to the next, and with the faults of a simulation. Default: false.
   */
  readonly irregular?: boolean;
}

/** One of `of` splits: it has every `of`-th element, from element `first` on. */
interface ElementSplit {
  readonly first: number;
  readonly of: number;
  readonly [field: string]: number;
}

/** A bounded source for tests: these elements, which must not change. Positions are counts within a split. */
export function fromElements<T>(elements: readonly T[], options: FromElementsOptions = {}): Source<T, ElementSplit, number> {
  const { name = 'elements', recordsPerSecond } = options;
  return {
    kind: 'source',
    name,
    boundedness: 'bounded',
    ...(recordsPerSecond === undefined ? {} : { recordsPerSecond }),
    async enumerate(_state, context) {
      const of = options.splits ?? context.parallelism;
      const assignments = Array.from({ length: of }, (_, first) => ({
        subtask: first % context.parallelism,
        splitId: String(first).padStart(6, '0'),
        split: { first, of },
      }));
      return { state: of, assignments, done: true };
    },
    startOf: () => 0,
    createReader: ({ clock }) => ({
      async read(split, position, budget) {
        const batch = readElements(
          elements,
          split,
          position,
          options.irregular ? someOf(budget.records, clock.now() + position + split.first) : budget.records,
        );
        return options.irregular ? { ...batch, backlog: false } : batch;
      },
    }),
  };
}

/** From one to all of `records`, more often few than many: by chance, but the same for the same `draw`. */
function someOf(records: number, draw: number): number {
  const scattered = (Math.imul(draw, 0x9e3779b1) >>> 16) / 0x1_0000;
  return Math.max(1, Math.ceil(Math.min(records, 64) * scattered ** 2));
}

function readElements<T>(elements: readonly T[], split: ElementSplit, position: number, most: number): SplitBatch<T, number> {
  assert(Number.isInteger(position) && position >= 0, 'a position counts elements');
  const records: T[] = [];
  const indexOf = (count: number): number => split.first + (position + count) * split.of;
  while (records.length < most && indexOf(records.length) < elements.length) records.push(elements[indexOf(records.length)]!);
  const endOfSplit = indexOf(records.length) >= elements.length;
  return {
    records,
    position: position + records.length,
    bytes: records.length,
    skipped: 0,
    endOfSplit,
    backlog: !endOfSplit,
    describe: (index) => `element ${indexOf(0) + index * split.of}`,
  };
}
