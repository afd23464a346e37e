import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultMaxParallelism, keyGroupRangeOf, subtaskOfKeyGroup } from '../../src/graph/key-groups.ts';

// Savepoints list state by key group: a range that is off by one loses keys or gives them to two subtasks.

test.each([
  [1, 128],
  [85, 128],
  [86, 256],
  [170, 256],
  [171, 256],
  [20_000, 32_768],
  [32_768, 32_768],
])('parallelism %i has the default max parallelism that Flink gives it', (parallelism, expected) => {
  expect(defaultMaxParallelism(parallelism)).toBe(expected);
});

test.each([
  [
    128,
    3,
    [
      [0, 42],
      [43, 85],
      [86, 127],
    ],
  ],
  [
    13,
    4,
    [
      [0, 3],
      [4, 6],
      [7, 9],
      [10, 12],
    ],
  ],
  [
    10,
    4,
    [
      [0, 2],
      [3, 4],
      [5, 7],
      [8, 9],
    ],
  ],
])('%i key groups over %i subtasks are split as in Flink', (maxParallelism, parallelism, expected) => {
  const ranges = Array.from({ length: parallelism }, (_, subtask) => keyGroupRangeOf(subtask, parallelism, maxParallelism));
  expect(ranges.map(({ first, last }) => [first, last])).toEqual(expected);
});

test('every key group belongs to exactly the subtask whose range holds it', () => {
  const sizes = fc.integer({ min: 1, max: 32_768 }).chain((maxParallelism) =>
    fc.record({
      maxParallelism: fc.constant(maxParallelism),
      parallelism: fc.integer({ min: 1, max: maxParallelism }),
      keyGroup: fc.integer({ min: 0, max: maxParallelism - 1 }),
    }),
  );
  fc.assert(
    fc.property(sizes, ({ maxParallelism, parallelism, keyGroup }) => {
      const subtask = subtaskOfKeyGroup(keyGroup, parallelism, maxParallelism);
      const { first, last } = keyGroupRangeOf(subtask, parallelism, maxParallelism);
      expect(first <= keyGroup && keyGroup <= last).toBe(true);
      const previousLast = subtask === 0 ? -1 : keyGroupRangeOf(subtask - 1, parallelism, maxParallelism).last;
      expect(first).toBe(previousLast + 1);
      expect(keyGroupRangeOf(parallelism - 1, parallelism, maxParallelism).last).toBe(maxParallelism - 1);
    }),
    { seed: 20_010_101, numRuns: 500 },
  );
});
