// A plan that numbers or names things otherwise than Flink's would not match what tools around Flink make of it.
import { expect, test } from 'vitest';
import { flinkPlan, renderFlinkPlan } from '../../src/graph/render-flink-plan.ts';
import { graphOf } from './graph-of.ts';
import { flightsGraph } from './rendered-graph.ts';

const reduction = graphOf(
  { kind: 'source', name: 'Source: src', parallelism: 1 },
  { kind: 'reduce', name: 'Keyed Reduce', parallelism: 1, inputs: [{ source: 0, partitioning: 'hash' }] },
  { kind: 'sink', name: 'Sink: Writer', parallelism: 1 },
);

test('a keyed reduction into a sink has the plan that flink info prints of it', () => {
  expect(flinkPlan(reduction)).toEqual({
    nodes: [
      { id: 1, type: 'Source: src', pact: 'Data Source', contents: 'Source: src', parallelism: 1 },
      {
        id: 3,
        type: 'Keyed Reduce',
        pact: 'Operator',
        contents: 'Keyed Reduce',
        parallelism: 1,
        predecessors: [{ id: 1, ship_strategy: 'HASH', side: 'second' }],
      },
      {
        id: 6,
        type: 'Sink: Writer',
        pact: 'Operator',
        contents: 'Sink: Writer',
        parallelism: 1,
        predecessors: [{ id: 3, ship_strategy: 'FORWARD', side: 'second' }],
      },
    ],
  });
});

test('fields come in the order in which Flink writes them', () => {
  const fields = [...renderFlinkPlan(reduction).matchAll(/"(\w+)":/g)].map(([, name]) => name).slice(6, 15);
  expect(fields).toEqual(['id', 'type', 'pact', 'contents', 'parallelism', 'predecessors', 'id', 'ship_strategy', 'side']);
});

test('partitioning that follows from the parallelisms takes no number, and what was asked for takes two', () => {
  // Written: flights 1, Filter 2, hash 3, KeyedProcess 4, result 5, late 6; made of them: hash 7, writers 8 and 9.
  expect(flinkPlan(flightsGraph).nodes.map((node) => [node.id, node.type])).toEqual([
    [1, 'Source: flights'],
    [2, 'Filter'],
    [4, 'KeyedProcess'],
    [8, 'Sink: result'],
    [9, 'Sink: late'],
  ]);
  const asked = graphOf({}, { kind: 'map', inputs: [{ source: 0, partitioning: 'rebalance' }] }, { kind: 'map' });
  expect(flinkPlan(asked).nodes.map((node) => node.id)).toEqual([1, 3, 4]);
});
