import { expect, test } from 'vitest';
import { compileJobGraph } from '../../src/graph/compile-job-graph.ts';
import { renderJson } from '../../src/graph/render-json.ts';
import { renderText } from '../../src/graph/render-text.ts';
import { graphOf } from './graph-of.ts';
import { flightsGraph } from './rendered-graph.ts';

test('text shows vertices by level with what they read, and each chain with uids and state', () => {
  expect(renderText(flightsGraph, compileJobGraph(flightsGraph))).toMatchInlineSnapshot(`
    "Job "sketch": 3 vertices on 2 levels
    Graph digest f638478110e557bcb0768753e1c98f89

    Level 0
      Source: flights -> Filter
        vertex e6d2d3fa73bb1969bec8dbd493924e43
        parallelism 3, max parallelism 128 (derived)
        operator         uid      state    operator id
        Source: flights  flights  _splits  e6d2d3fa73bb1969bec8dbd493924e43
          Filter         (none)   -        50e01bb11a3490c1febe76edf583ba3c

    Level 1
      KeyedProcess -> Sink: result
        vertex 56bfc52781b84696195de7729b4fedce
        parallelism 3, max parallelism 13
        key groups 0-4, 5-8, 9-12
        reads Filter: hash
        operator        uid     state           operator id
        KeyedProcess    delays  _timers, total  56bfc52781b84696195de7729b4fedce
          Sink: result  result  -               e7ba3e2057739795c4dea8c9059a86b6
      Sink: late
        vertex d7a541764122f8a9b65828a169c33b1e
        parallelism 1, max parallelism 128 (derived)
        reads Filter: rebalance
        operator    uid                                                  state  operator id
        Sink: late  (none), takes over abababababababababababababababab  -      d7a541764122f8a9b65828a169c33b1e"
  `);
});

test('text draws a chain that forks as a tree, and counts key groups of many subtasks', () => {
  const forward = (source: number) => [{ source, partitioning: 'forward' as const }];
  const graph = graphOf(
    { parallelism: 10 },
    { kind: 'reduce', name: 'Keyed Reduce', parallelism: 10, inputs: [{ source: 0, partitioning: 'hash' }], stateNames: ['_reduce'] },
    { kind: 'map', name: 'left', parallelism: 10, inputs: forward(1) },
    { kind: 'map', name: 'below', parallelism: 10, inputs: forward(2) },
    { kind: 'map', name: 'right', parallelism: 10, inputs: forward(1) },
  );
  const lines = renderText(graph, compileJobGraph(graph)).split('\n');
  expect(lines).toContain('    key groups 0-127, 12 or 13 per subtask');
  const tree = lines.slice(lines.findIndex((line) => line.startsWith('    Keyed Reduce')));
  expect(tree.map((line) => line.slice(0, 16).trimEnd())).toEqual(['    Keyed Reduce', '      left', '        below', '      right']);
});

test('JSON holds both graphs as they are, and their digest', () => {
  const jobGraph = compileJobGraph(flightsGraph);
  const read = JSON.parse(renderJson(flightsGraph, jobGraph)) as Record<string, unknown>;
  expect(Object.keys(read)).toEqual(['jobName', 'graphDigest', 'streamGraph', 'jobGraph']);
  expect(read['streamGraph']).toEqual(JSON.parse(JSON.stringify({ nodes: flightsGraph.nodes })));
  const { levels, vertices, edges } = jobGraph;
  expect(read['jobGraph']).toEqual(JSON.parse(JSON.stringify({ levels, vertices, edges })));
});
