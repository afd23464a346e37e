import type { KeyGroupRange } from '../protocol/segment-ref.ts';

/** The ranges that hold exactly these key groups; `keyGroups` ascend. */
export function rangesOf(keyGroups: Iterable<number>): readonly KeyGroupRange[] {
  const ranges: [number, number][] = [];
  for (const keyGroup of keyGroups) {
    const last = ranges.at(-1);
    if (last !== undefined && keyGroup === last[1] + 1) last[1] = keyGroup;
    else ranges.push([keyGroup, keyGroup]);
  }
  return ranges;
}

/** At most `rangesMax` ranges that hold these and as few others as may be: the widest gaps stay. */
export function coarsenRanges(ranges: readonly KeyGroupRange[], rangesMax: number): readonly KeyGroupRange[] {
  if (ranges.length <= rangesMax) return ranges;
  const gaps = ranges.slice(1).map(([from], before) => ({ before, width: from - ranges[before]![1] }));
  const kept = new Set(
    gaps
      .sort((a, b) => b.width - a.width || a.before - b.before)
      .slice(0, rangesMax - 1)
      .map((gap) => gap.before),
  );
  const coarse: [number, number][] = [];
  let start = ranges[0]![0];
  for (const [index, [, end]] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next !== undefined && !kept.has(index)) continue;
    coarse.push([start, end]);
    if (next !== undefined) start = next[0];
  }
  return coarse;
}

/** The key groups of these ranges that lie in `within`. */
export function* keyGroupsIn(ranges: readonly KeyGroupRange[], within: KeyGroupRange): Iterable<number> {
  for (const [from, to] of ranges) {
    const end = Math.min(to, within[1]);
    for (let keyGroup = Math.max(from, within[0]); keyGroup <= end; keyGroup++) yield keyGroup;
  }
}
