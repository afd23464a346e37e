import type { StreamGraph, StreamNode } from '../graph/job-graph.ts';
import type { OperatorBody } from './body.ts';

/** What the author should know of a graph that can run. */
export function graphWarnings(graph: StreamGraph, bodies: readonly OperatorBody[]): readonly string[] {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs.map((edge) => edge.source)));
  const warnings: string[] = [];
  for (const node of graph.nodes) {
    const loss = lossWithoutUid(node, bodies[node.node]!);
    if (loss !== undefined && node.uid === undefined) {
      warnings.push(
        `Operator "${node.name}" has no uid, so its id follows from its place in the graph, and ${loss} once an operator before it ` +
          'comes or goes. Give it one: .uid("...").',
      );
    }
    if (node.kind !== 'sink' && !read.has(node.node))
      warnings.push(`Nothing reads what operator "${node.name}" emits. End the stream in .sinkTo(...).`);
  }
  return Object.freeze(warnings);
}

function lossWithoutUid(node: StreamNode, body: OperatorBody): string | undefined {
  // Not state, but found by id all the same: what a savepoint lists for a sink is published when it is restored.
  if (body.kind === 'sink') return body.sink.commits === false ? undefined : 'a savepoint can no longer publish its unfinished output';
  return node.stateNames.length === 0 ? undefined : 'a savepoint no longer finds its state';
}
