import type { ChainedOperator, JobGraph, JobVertex } from './job-graph.ts';

/**
 * The job as a Mermaid flowchart, from left to right: a box for each vertex, in it the operators of its chain, arrows
 * named after the partitioning. Sources are round, sinks have double sides, operators with state are drums.
 */
export function renderMermaid(graph: JobGraph): string {
  const lines = ['---', `title: ${JSON.stringify(oneLine(graph.jobName))}`, '---', 'flowchart LR'];
  for (const [index, vertex] of byLevel(graph.vertices).entries()) lines.push(...vertexLines(vertex, index));
  const vertices = new Map(graph.vertices.map((vertex) => [vertex.vertexId, vertex]));
  for (const edge of graph.edges) {
    const source = vertices.get(edge.sourceVertex)!.operators[edge.sourceOperator]!;
    const target = vertices.get(edge.targetVertex)!.operators[0]!;
    const label = edge.sideOutput === undefined ? edge.partitioning : `"${edge.partitioning}, side output ${escaped(edge.sideOutput)}"`;
    lines.push(`  ${nodeId(source)} -->|${label}| ${nodeId(target)}`);
  }
  return lines.join('\n');
}

/** Mermaid draws what it reads first further up and to the left. */
const byLevel = (vertices: readonly JobVertex[]): readonly JobVertex[] => vertices.toSorted((a, b) => a.level - b.level);

function vertexLines(vertex: JobVertex, index: number): readonly string[] {
  const title = `parallelism ${vertex.parallelism} of at most ${vertex.maxParallelism}`;
  const lines = [`  subgraph vertex${index}["${title}"]`];
  for (const operator of vertex.operators) lines.push(`    ${nodeId(operator)}${boxOf(operator)}`);
  for (const operator of vertex.operators) {
    if (operator.input === undefined) continue;
    const arrow = operator.sideOutput === undefined ? '-->' : `-->|"side output ${escaped(operator.sideOutput)}"|`;
    lines.push(`    ${nodeId(vertex.operators[operator.input]!)} ${arrow} ${nodeId(operator)}`);
  }
  return [...lines, '  end'];
}

const nodeId = (operator: ChainedOperator): string => `operator${operator.node}`;

function boxOf(operator: ChainedOperator): string {
  const uid = operator.uid === undefined ? 'no uid' : `uid ${escaped(operator.uid)}`;
  const label = `"${escaped(operator.name)}<br/>${uid}"`;
  if (operator.kind === 'source') return `([${label}])`;
  if (operator.kind === 'sink') return `[[${label}]]`;
  return operator.stateful ? `[(${label})]` : `[${label}]`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Mermaid's own spelling of what would end a label, begin a tag, an entity or Markdown in it. */
const escaped = (text: string): string => oneLine(text).replace(/[#"<>&`\\*_]/g, (character) => `#${character.charCodeAt(0)};`);
