import type { StreamNode } from './job-graph.ts';

/**
 * Flink's chaining rule: whether the records of `source` reach `target` by a plain call within one subtask. Max
 * parallelism doesn't count, as in Flink by default: only the head of a chain can be keyed.
 */
export function isChainable(source: StreamNode, target: StreamNode): boolean {
  const edge = target.inputs[0];
  return (
    target.inputs.length === 1 &&
    edge !== undefined &&
    edge.source === source.node &&
    edge.partitioning === 'forward' &&
    source.parallelism === target.parallelism &&
    source.chaining !== 'never' &&
    target.chaining === 'always'
  );
}
