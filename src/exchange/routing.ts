import { assert } from '../base/assert.ts';
import type { Partitioning } from '../graph/job-graph.ts';

/** Subtask i of every vertex runs on this slot. */
export const slotOf = (subtask: number, slots: number): number => subtask % slots;

export interface Ends {
  readonly partitioning: Partitioning;
  readonly senders: number;
  readonly targets: number;
}

/** The target subtasks that `sender` may send to over an edge, ascending: Flink's pointwise pattern for rescale, one for forward, else all. */
export function targetsOf({ partitioning, senders, targets }: Ends, sender: number): readonly number[] {
  switch (partitioning) {
    case 'forward':
      assert(senders === targets, 'forward keeps the parallelism');
      return [sender];
    case 'global':
      return [0];
    case 'rescale':
      if (senders >= targets) return [pointwiseTarget(sender, senders, targets)];
      return range(Math.floor((sender * targets + senders - 1) / senders), Math.floor(((sender + 1) * targets + senders - 1) / senders));
    case 'hash':
    case 'rebalance':
    case 'shuffle':
    case 'broadcast':
    case 'custom':
      return range(0, targets);
  }
}

/** The upstream subtasks from which `target` gets records over an edge, ascending: those whose watermarks it waits for. */
export function sendersOf(ends: Ends, target: number): readonly number[] {
  switch (ends.partitioning) {
    case 'forward':
      return [target];
    case 'global':
      return target === 0 ? range(0, ends.senders) : [];
    case 'rescale':
      return range(0, ends.senders).filter((sender) => targetsOf(ends, sender).includes(target));
    default:
      return range(0, ends.senders);
  }
}

/** With more senders than targets, target t has the senders from t * S / T to (t + 1) * S / T. */
function pointwiseTarget(sender: number, senders: number, targets: number): number {
  return Math.floor(((sender + 1) * targets - 1) / senders);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
