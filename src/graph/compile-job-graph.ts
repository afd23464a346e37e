import { checkStreamGraph } from './check-stream-graph.ts';
import { deepFreeze } from './deep-freeze.ts';
import type { OperatorId } from './ids.ts';
import { isChainable } from './is-chainable.ts';
import type { ChainedOperator, JobEdge, JobGraph, JobVertex, StreamEdge, StreamGraph, StreamNode } from './job-graph.ts';
import { defaultMaxParallelism } from './key-groups.ts';
import { assignOperatorIds } from './operator-ids.ts';

/** Max parallelism by vertex, where it is not explicit: what a restored job adopts. */
type AdoptedMaxParallelisms = { readonly [vertexId: string]: number };

/**
 * Makes of the operators as written the vertices that run: chains by Flink's rule, named, numbered by level, frozen.
 * Vertices stand in the order in which their heads were written, so that every input comes first; a chain lists its
 * operators the same way. Throws WeirError on a graph that cannot run.
 */
export function compileJobGraph(graph: StreamGraph, adopted: AdoptedMaxParallelisms = {}): JobGraph {
  checkStreamGraph(graph);
  const ids = assignOperatorIds(graph);
  const chains = chainsOf(graph);
  const levels = levelsOf(graph, chains);
  const vertices = chains.heads.map((head) => vertexOf(graph, chains, head, { ids, adopted, level: levels.get(head)! }));
  return deepFreeze({
    jobName: graph.jobName,
    vertices,
    edges: edgesOf(graph, chains, ids),
    levels: Math.max(...levels.values()) + 1,
  });
}

interface Chains {
  /** Nodes that head a chain, ascending. */
  readonly heads: readonly number[];
  /** By node: the head of its chain. */
  readonly headOf: readonly number[];
  /** By head: the nodes of its chain, ascending, the head first. */
  readonly members: ReadonlyMap<number, readonly number[]>;
}

function chainsOf(graph: StreamGraph): Chains {
  const headOf: number[] = [];
  const members = new Map<number, number[]>();
  for (const node of graph.nodes) {
    const feeder = chainFeeder(graph, node);
    if (feeder === undefined) members.set(node.node, []);
    const head = feeder === undefined ? node.node : headOf[feeder]!;
    headOf.push(head);
    members.get(head)!.push(node.node);
  }
  return { heads: [...members.keys()], headOf, members };
}

/** The node that calls this one directly, if any. */
function chainFeeder(graph: StreamGraph, node: StreamNode): number | undefined {
  const source = graph.nodes[node.inputs[0]?.source ?? -1];
  return source !== undefined && isChainable(source, node) ? source.node : undefined;
}

function levelsOf(graph: StreamGraph, chains: Chains): ReadonlyMap<number, number> {
  const levels = new Map<number, number>();
  for (const head of chains.heads) {
    const inputs = graph.nodes[head]!.inputs.map((edge) => levels.get(chains.headOf[edge.source]!)! + 1);
    levels.set(head, Math.max(0, ...inputs));
  }
  return levels;
}

interface VertexInput {
  readonly ids: readonly OperatorId[];
  readonly adopted: AdoptedMaxParallelisms;
  readonly level: number;
}

function vertexOf(graph: StreamGraph, chains: Chains, head: number, { ids, adopted, level }: VertexInput): JobVertex {
  const first = graph.nodes[head]!;
  const members = chains.members.get(head)!;
  return {
    vertexId: ids[head]!,
    name: chainName(graph, chains, head),
    parallelism: first.parallelism,
    // The head's, as in Flink: it alone can be keyed.
    maxParallelism: first.maxParallelism ?? adopted[ids[head]!] ?? defaultMaxParallelism(first.parallelism),
    maxParallelismExplicit: first.maxParallelism !== undefined,
    level,
    operators: members.map((node) => operatorOf(graph, members, node, ids)),
  };
}

function operatorOf(graph: StreamGraph, members: readonly number[], number: number, ids: readonly OperatorId[]): ChainedOperator {
  const node = graph.nodes[number]!;
  const feeder = chainFeeder(graph, node);
  return {
    node: number,
    operatorId: ids[number]!,
    kind: node.kind,
    name: node.name,
    uid: node.uid,
    uidHash: node.uidHash,
    stateful: node.stateNames.length > 0,
    ...(node.states === undefined ? {} : { states: node.states }),
    ...(node.keyType === undefined ? {} : { keyType: node.keyType }),
    input: feeder === undefined ? undefined : members.indexOf(feeder),
    ...(feeder === undefined ? {} : sideOutputOf(node.inputs[0]!)),
  };
}

const sideOutputOf = ({ sideOutput }: StreamEdge): Pick<StreamEdge, 'sideOutput'> => (sideOutput === undefined ? {} : { sideOutput });

/** "Source: flights -> Map", or "Map -> (Filter, Sink: out)" where a chain forks. */
function chainName(graph: StreamGraph, chains: Chains, number: number): string {
  const node = graph.nodes[number]!;
  const next = chains.members.get(chains.headOf[number]!)!.filter((member) => chainFeeder(graph, graph.nodes[member]!) === number);
  const names = next.map((member) => chainName(graph, chains, member));
  if (names.length === 0) return node.name;
  return `${node.name} -> ${names.length === 1 ? names[0] : `(${names.join(', ')})`}`;
}

function edgesOf(graph: StreamGraph, chains: Chains, ids: readonly OperatorId[]): readonly JobEdge[] {
  const edges: JobEdge[] = [];
  for (const target of chains.heads) {
    graph.nodes[target]!.inputs.forEach((edge, targetInput) => {
      const sourceHead = chains.headOf[edge.source]!;
      edges.push({
        edge: edges.length,
        sourceVertex: ids[sourceHead]!,
        sourceOperator: chains.members.get(sourceHead)!.indexOf(edge.source),
        targetVertex: ids[target]!,
        targetInput,
        partitioning: edge.partitioning,
        ...sideOutputOf(edge),
      });
    });
  }
  return edges;
}
