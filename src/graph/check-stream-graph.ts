import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { isHexId } from './ids.ts';
import type { StreamGraph, StreamNode } from './job-graph.ts';

/** Refuses a stream graph that cannot run, naming the operator. */
export function checkStreamGraph(graph: StreamGraph): void {
  if (!graph.nodes.some((node) => node.kind !== 'source')) {
    throw new WeirError({
      code: 'NO_OPERATORS',
      domain: 'program',
      message: `No operators defined in streaming topology of job "${graph.jobName}": ${graph.nodes.length === 0 ? 'there is no source' : 'nothing reads its source'}.`,
      advice: 'In build, connect env.fromSource(...) with operators and end in .sinkTo(...).',
    });
  }
  for (const node of graph.nodes) {
    checkInputs(graph, node);
    checkParallelism(graph, node);
    checkUids(node);
  }
}

function checkInputs(graph: StreamGraph, node: StreamNode): void {
  assert(graph.nodes[node.node] === node, 'nodes are numbered by their position');
  assert((node.kind === 'source') === (node.inputs.length === 0), `only sources have no input, and "${node.name}" is a ${node.kind}`);
  for (const edge of node.inputs) {
    const source = graph.nodes[edge.source];
    assert(source !== undefined && edge.source < node.node, `the inputs of "${node.name}" come before it`);
    if (edge.partitioning === 'forward' && source.parallelism !== node.parallelism) {
      throw new WeirError({
        code: 'FORWARD_CHANGES_PARALLELISM',
        domain: 'program',
        message:
          `Forward partitioning keeps each record on its subtask, but operator "${source.name}" has parallelism ` +
          `${source.parallelism} and operator "${node.name}" has ${node.parallelism}.`,
        advice: 'Use .rebalance() between them, or give both the same parallelism.',
        subject: { operator: node.name, node: node.node },
      });
    }
  }
}

function checkParallelism(graph: StreamGraph, node: StreamNode): void {
  const inRange = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= limits.parallelismMax;
  const refuse = (what: string, found: number, expected: string): never => {
    throw new WeirError({
      code: 'INVALID_PARALLELISM',
      domain: 'user',
      message: `The ${what} of operator "${node.name}" of job "${graph.jobName}" must be ${expected}, but it is ${found}.`,
      advice:
        what === 'parallelism' ? 'Set another parallelism (-p, or .setParallelism).' : 'Set another max parallelism (.setMaxParallelism).',
      subject: { operator: node.name, node: node.node },
    });
  };
  if (!inRange(node.parallelism)) refuse('parallelism', node.parallelism, `a whole number from 1 to ${limits.parallelismMax}`);
  if (node.maxParallelism === undefined) return;
  if (!inRange(node.maxParallelism)) refuse('max parallelism', node.maxParallelism, `a whole number from 1 to ${limits.parallelismMax}`);
  if (node.maxParallelism < node.parallelism) {
    refuse('max parallelism', node.maxParallelism, `at least its parallelism, ${node.parallelism}`);
  }
}

function checkUids(node: StreamNode): void {
  if (node.uid === '') {
    throw new WeirError({
      code: 'INVALID_UID',
      domain: 'program',
      message: `The uid of operator "${node.name}" is the empty string.`,
      advice: 'Give it a uid that names what it does, such as "delays".',
      subject: { operator: node.name, node: node.node },
    });
  }
  if (node.uidHash !== undefined && !isHexId(node.uidHash)) {
    throw new WeirError({
      code: 'INVALID_UID',
      domain: 'program',
      message: `The uid hash of operator "${node.name}" must be 32 lower-case hex digits, but it is "${node.uidHash}".`,
      advice: 'Copy it from the savepoint whose state the operator takes over.',
      subject: { operator: node.name, node: node.node },
    });
  }
}
