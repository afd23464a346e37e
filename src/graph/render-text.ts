import { graphDigest } from './graph-digest.ts';
import type { ChainedOperator, JobGraph, JobVertex, StreamGraph } from './job-graph.ts';
import { keyGroupRangeOf } from './key-groups.ts';

/** With more subtasks, their key groups are counted instead of listed. */
const listedSubtasksMax = 8;

/**
 * The job for people to read: level by level the vertices with what they read, and of each chain the operators as a
 * tree, with uid, declared state and operator id. State whose name begins with an underscore is the engine's.
 */
export function renderText(streamGraph: StreamGraph, jobGraph: JobGraph): string {
  const { vertices, levels } = jobGraph;
  const lines = [`Job "${jobGraph.jobName}": ${counted(vertices.length, 'vertex', 'vertices')} on ${counted(levels, 'level', 'levels')}`];
  lines.push(`Graph digest ${graphDigest(jobGraph)}`);
  for (let level = 0; level < levels; level++) {
    lines.push('', `Level ${level}`);
    for (const vertex of vertices.filter((each) => each.level === level)) lines.push(...vertexLines(streamGraph, jobGraph, vertex));
  }
  return lines.join('\n');
}

const counted = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`;

function vertexLines(streamGraph: StreamGraph, jobGraph: JobGraph, vertex: JobVertex): readonly string[] {
  const inputs = jobGraph.edges.filter((edge) => edge.targetVertex === vertex.vertexId);
  const derived = vertex.maxParallelismExplicit ? '' : ' (derived)';
  const lines = [
    `  ${vertex.name}`,
    `    vertex ${vertex.vertexId}`,
    `    parallelism ${vertex.parallelism}, max parallelism ${vertex.maxParallelism}${derived}`,
  ];
  if (inputs.some((edge) => edge.partitioning === 'hash')) lines.push(`    key groups ${keyGroupsOf(vertex)}`);
  for (const edge of inputs) {
    const source = jobGraph.vertices.find((each) => each.vertexId === edge.sourceVertex)!.operators[edge.sourceOperator]!;
    const from = edge.sideOutput === undefined ? source.name : `${source.name}, side output "${edge.sideOutput}"`;
    lines.push(`    reads ${from}: ${edge.partitioning}`);
  }
  return [...lines, ...operatorTable(streamGraph, vertex.operators)];
}

/** By subtask. */
function keyGroupsOf({ parallelism, maxParallelism }: JobVertex): string {
  if (parallelism <= listedSubtasksMax) {
    const ranges = Array.from({ length: parallelism }, (_, subtask) => keyGroupRangeOf(subtask, parallelism, maxParallelism));
    return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
  }
  const least = Math.floor(maxParallelism / parallelism);
  const most = Math.ceil(maxParallelism / parallelism);
  return `0-${maxParallelism - 1}, ${least === most ? least : `${least} or ${most}`} per subtask`;
}

function operatorTable(streamGraph: StreamGraph, operators: readonly ChainedOperator[]): readonly string[] {
  const rows = operators.map((operator) => {
    const { stateNames } = streamGraph.nodes[operator.node]!;
    const state = stateNames.length === 0 ? '-' : stateNames.join(', ');
    return [`${'  '.repeat(depthOf(operators, operator))}${operator.name}`, uidOf(operator), state, operator.operatorId];
  });
  const table = [['operator', 'uid', 'state', 'operator id'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => `    ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
}

function depthOf(operators: readonly ChainedOperator[], operator: ChainedOperator): number {
  return operator.input === undefined ? 0 : 1 + depthOf(operators, operators[operator.input]!);
}

function uidOf({ uid, uidHash }: ChainedOperator): string {
  const own = uid ?? '(none)';
  return uidHash === undefined ? own : `${own}, takes over ${uidHash}`;
}
