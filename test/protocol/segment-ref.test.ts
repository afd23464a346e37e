// Catches: a compaction that drops a segment still needed, or keeps one for ever.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advanceSegments, type KeyGroupRange, type NewSegment, type SegmentRef, subtractRanges } from '../../src/protocol/segment-ref.ts';

const groups = 16;
const range = fc.tuple(fc.nat(groups - 1), fc.nat(groups - 1)).map(([a, b]): KeyGroupRange => [Math.min(a, b), Math.max(a, b)]);
const covered = (ranges: readonly KeyGroupRange[]): Set<number> => {
  const all = new Set<number>();
  for (const [from, to] of ranges) for (let group = from; group <= to; group++) all.add(group);
  return all;
};

test('subtracting ranges is subtracting the sets they stand for', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 4 }), fc.array(range, { maxLength: 4 }), (from, minus) => {
      const disjoint = from.filter((one, index) => from.slice(0, index).every((other) => one[0] > other[1] || one[1] < other[0]));
      const expected = [...covered(disjoint)].filter((group) => !covered(minus).has(group)).sort((a, b) => a - b);
      expect([...covered(subtractRanges(disjoint, minus))].sort((a, b) => a - b)).toEqual(expected);
    }),
    { seed: 7 },
  );
});

const whole: KeyGroupRange = [0, groups - 1];
const segment = (checkpoint: number, base: readonly KeyGroupRange[], operatorState: boolean): NewSegment => ({
  at: { kind: 'object', uri: `s3://b/${checkpoint}` },
  checkpoint,
  bytes: 1,
  checksum: 'c',
  keyGroups: [whole],
  base,
  operatorState,
});

test('every key group is read from the newest base on, and operator state from the newest segment that has it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(range, { maxLength: 2 }), fc.boolean()), { maxLength: 20 }), (history) => {
      let refs: readonly SegmentRef[] = [];
      history.forEach(([base, operatorState], index) => {
        refs = advanceSegments(refs, segment(index + 1, base, operatorState));
      });
      for (let group = 0; group < groups; group++) {
        const newestBase = history.findLastIndex(([base]) => covered(base).has(group)) + 1;
        const expected = history.map((_, index) => index + 1).filter((checkpoint) => checkpoint >= newestBase);
        const listed = refs.filter((ref) => covered(ref.keyGroups).has(group)).map((ref) => ref.checkpoint);
        expect(listed).toEqual(expected);
      }
      const withOperatorState = refs.filter((ref) => ref.operatorState).map((ref) => ref.checkpoint);
      const newest = history.findLastIndex(([, operatorState]) => operatorState) + 1;
      expect(withOperatorState).toEqual(newest === 0 ? [] : [newest]);
      expect(refs.every((ref) => ref.keyGroups.length > 0 || ref.operatorState)).toBe(true);
    }),
    { seed: 11 },
  );
});
