/**
 * Which of `targets` a record goes to that is shuffled: as if by chance, but chance that follows from the epoch's stamp,
 * the sending subtask and the record's position among those that it sent in the epoch, so that a replay goes the same way.
 */
export function scatteredTarget(stamp: number, subtask: number, position: number, targets: number): number {
  let word = Math.imul((stamp % 0xffffffff) ^ Math.imul(subtask + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(position, 0xc2b2ae35);
  word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
  word = Math.imul(word ^ (word >>> 12), 0x297a2d39);
  return ((word ^ (word >>> 15)) >>> 0) % targets;
}
