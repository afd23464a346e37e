import { limits } from '../base/limits.ts';
import type { KeyGroup } from './ids.ts';

/** A run of key groups, both ends included. */
export interface KeyGroupRange {
  readonly first: KeyGroup;
  readonly last: KeyGroup;
}

/** Flink's default: half as much again, up to a power of two, at least 128, at most 32768. */
export function defaultMaxParallelism(parallelism: number): number {
  const wanted = parallelism + Math.floor(parallelism / 2);
  let power = 1;
  while (power < wanted) power *= 2;
  return Math.min(Math.max(power, 128), limits.parallelismMax);
}

/** The key groups that subtask `subtask` of `parallelism` holds. Needs parallelism <= maxParallelism. */
export function keyGroupRangeOf(subtask: number, parallelism: number, maxParallelism: number): KeyGroupRange {
  const first = Math.ceil((subtask * maxParallelism) / parallelism);
  const last = Math.floor(((subtask + 1) * maxParallelism - 1) / parallelism);
  return { first: first as KeyGroup, last: last as KeyGroup };
}

/** The subtask that holds a key group. */
export function subtaskOfKeyGroup(keyGroup: number, parallelism: number, maxParallelism: number): number {
  return Math.floor((keyGroup * parallelism) / maxParallelism);
}
