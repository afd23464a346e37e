/**
 * Deals the items of a list out to `targets`, as Flink's RoundRobinOperatorStateRepartitioner does: contiguous slices in the
 * order of the items, the remainder one each to the first targets, beginning with `start`. `next` is where the next list of
 * the same operator begins, so that remainders do not all go to the same targets.
 */
export function dealList<T>(
  items: readonly T[],
  targets: number,
  start = 0,
): { readonly slices: readonly (readonly T[])[]; readonly next: number } {
  const least = Math.floor(items.length / targets);
  const remainder = items.length % targets;
  const slices = new Array<readonly T[]>(targets);
  let from = 0;
  for (let turn = 0; turn < targets; turn++) {
    const length = least + (turn < remainder ? 1 : 0);
    slices[(start + turn) % targets] = items.slice(from, from + length);
    from += length;
  }
  return { slices, next: (start + remainder) % targets };
}
