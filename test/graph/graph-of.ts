import type { StreamGraph, StreamNode } from '../../src/graph/job-graph.ts';

type NodeSketch = Partial<Omit<StreamNode, 'node' | 'inputs'>> & { readonly inputs?: StreamNode['inputs'] };

/** A stream graph from what matters of each node; without `inputs` a node reads the one before it, forward. */
export function graphOf(...sketches: readonly NodeSketch[]): StreamGraph {
  const nodes = sketches.map((sketch, node): StreamNode => {
    const kind = sketch.kind ?? (node === 0 ? 'source' : node === sketches.length - 1 ? 'sink' : 'map');
    return {
      node,
      kind,
      name: { source: 'Source: in', sink: 'Sink: out' }[kind as string] ?? kind,
      uid: undefined,
      uidHash: undefined,
      parallelism: 4,
      maxParallelism: undefined,
      chaining: 'always',
      inputs: kind === 'source' ? [] : [{ source: node - 1, partitioning: 'forward' }],
      stateNames: [],
      ...sketch,
    };
  });
  return { jobName: 'sketch', nodes };
}
