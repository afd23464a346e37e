import type { Sink } from '../../src/stream/sink.ts';
import type { Source } from '../../src/stream/source.ts';

/** A source of the given records: one split, whose position is an index. */
export function recordsOf<T>(records: readonly T[]): Source<T, string, number> {
  return {
    kind: 'source',
    name: 'records',
    boundedness: 'bounded',
    enumerate: (state) =>
      Promise.resolve({ state: 'all', assignments: state === undefined ? [{ subtask: 0, splitId: 'all', split: 'all' }] : [], done: true }),
    startOf: () => 0,
    createReader: () => ({
      read(_split, position, budget) {
        const batch = records.slice(position, position + budget.records);
        const end = position + batch.length;
        return Promise.resolve({
          records: batch,
          position: end,
          bytes: batch.length,
          skipped: 0,
          endOfSplit: end === records.length,
          backlog: end < records.length,
          describe: (index) => `record ${position + index}`,
        });
      },
    }),
  };
}

/** A sink that takes values of one type and drops them. */
export function sinkOf<T>(): Sink<T> {
  return {
    kind: 'sink',
    name: 'results',
    createWriter: () => ({ write: () => undefined, prepareCommit: () => Promise.resolve([]), abort: () => undefined }),
    commit: () => Promise.resolve(),
  };
}
