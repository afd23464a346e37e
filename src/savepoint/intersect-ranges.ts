import type { KeyGroupRange } from '../protocol/segment-ref.ts';

/** The parts of the ranges that lie in `within`. */
export function intersectRanges(ranges: readonly KeyGroupRange[], within: KeyGroupRange): readonly KeyGroupRange[] {
  return ranges.flatMap(([from, to]): readonly KeyGroupRange[] => {
    const [start, end] = [Math.max(from, within[0]), Math.min(to, within[1])];
    return start <= end ? [[start, end]] : [];
  });
}
