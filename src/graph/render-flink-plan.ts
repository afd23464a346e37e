import type { StreamEdge, StreamGraph, StreamNode } from './job-graph.ts';

/** The execution plan that `flink info` prints: operators as written, before any are chained. */
export interface FlinkPlan {
  readonly nodes: readonly FlinkPlanNode[];
}

export interface FlinkPlanNode {
  readonly id: number;
  readonly type: string;
  readonly pact: 'Data Source' | 'Operator';
  readonly contents: string;
  readonly parallelism: number;
  /** Not there on a source. */
  readonly predecessors?: readonly { readonly id: number; readonly ship_strategy: string; readonly side: 'second' }[];
}

/**
 * The graph in the words of Flink's plan, so that what draws Flink's draws ours. A sink is an "Operator", since "Data
 * Sink" is for those of Flink's older interface, and every predecessor is on the "second" side, as Flink has it.
 */
export function flinkPlan(graph: StreamGraph): FlinkPlan {
  const ids = transformationIds(graph);
  const nodes = graph.nodes.map((node): FlinkPlanNode => {
    const own = {
      id: ids[node.node]!,
      type: node.name,
      pact: node.kind === 'source' ? 'Data Source' : 'Operator',
      contents: node.name,
      parallelism: node.parallelism,
    } as const;
    if (node.kind === 'source') return own;
    const predecessors = node.inputs.map((edge) => ({
      id: ids[edge.source]!,
      ship_strategy: edge.partitioning.toUpperCase(),
      side: 'second' as const,
    }));
    return { ...own, predecessors };
  });
  return { nodes: nodes.sort((a, b) => a.id - b.id) };
}

export const renderFlinkPlan = (graph: StreamGraph): string => JSON.stringify(flinkPlan(graph), null, 2);

/**
 * Numbers operators as Flink numbers its transformations, from 1. While a job is written, each operator takes a number,
 * and so does each partitioning before it. When the graph is made of them, each partitioning takes one more for its
 * virtual node, and each sink one for its writer, which is the node that is shown. So a source, a keyed reduction and a
 * sink are 1, 3 and 6. A side output counts as a partitioning does; a union takes a number while it is written, however many
 * streams it is of. A stream that two operators read is partitioned for each of them here, where Flink would count it once.
 */
function transformationIds(graph: StreamGraph): readonly number[] {
  const ids: number[] = [];
  let taken = 0;
  for (const node of graph.nodes) {
    taken += virtualNodes(graph, node) + unions(node);
    ids.push(++taken);
  }
  for (const node of graph.nodes) {
    taken += virtualNodes(graph, node);
    if (node.kind === 'sink') ids[node.node] = ++taken;
  }
  return ids;
}

const virtualNodes = (graph: StreamGraph, node: StreamNode): number =>
  node.inputs.filter((edge) => isWritten(graph, node, edge)).length + node.inputs.filter((edge) => edge.sideOutput !== undefined).length;

const unions = ({ inputs }: StreamNode): number =>
  [undefined, 1].filter((input) => inputs.filter((edge) => edge.input === input).length > 1).length;

/** Whether somebody asked for this partitioning; else it follows from the parallelisms, and Flink has no node for it. */
function isWritten(graph: StreamGraph, target: StreamNode, edge: StreamEdge): boolean {
  if (edge.partitioning === 'forward') return false;
  return edge.partitioning !== 'rebalance' || graph.nodes[edge.source]!.parallelism === target.parallelism;
}
