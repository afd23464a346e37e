import { describe, expect, test } from 'vitest';
import { compileJobGraph } from '../../src/graph/compile-job-graph.ts';
import { graphDigest } from '../../src/graph/graph-digest.ts';
import { graphOf } from './graph-of.ts';

const hash = (source: number) => [{ source, partitioning: 'hash' as const }];

describe('chains', () => {
  test('operators that forward to each other run as one vertex, and a keyed one begins the next', () => {
    const graph = compileJobGraph(
      graphOf({}, { kind: 'filter', name: 'Filter' }, { kind: 'keyedProcess', name: 'delays', inputs: hash(1) }, {}),
    );
    expect(graph.vertices.map((vertex) => vertex.name)).toEqual(['Source: in -> Filter', 'delays -> Sink: out']);
    expect(graph.vertices.map((vertex) => vertex.level)).toEqual([0, 1]);
    expect(graph.levels).toBe(2);
    expect(graph.vertices.map((vertex) => vertex.operators.map((operator) => operator.input))).toEqual([
      [undefined, 0],
      [undefined, 0],
    ]);
    expect(graph.vertices[1]!.vertexId).toBe(graph.vertices[1]!.operators[0]!.operatorId);
    expect(graph.edges).toEqual([
      {
        edge: 0,
        sourceVertex: graph.vertices[0]!.vertexId,
        sourceOperator: 1,
        targetVertex: graph.vertices[1]!.vertexId,
        targetInput: 0,
        partitioning: 'hash',
      },
    ]);
  });

  test('a chain that forks lists its branches as Flink does', () => {
    const forward = [{ source: 0, partitioning: 'forward' as const }];
    const graph = compileJobGraph(
      graphOf({}, { kind: 'map', name: 'Map', inputs: forward }, { kind: 'filter', name: 'Filter', inputs: forward }, {}),
    );
    expect(graph.vertices.map((vertex) => vertex.name)).toEqual(['Source: in -> (Map, Filter -> Sink: out)']);
    expect(graph.vertices[0]!.operators.map((operator) => operator.input)).toEqual([undefined, 0, 0, 2]);
  });

  test('startNewChain breaks before an operator, disableChaining on both sides', () => {
    const names = (chaining: 'head' | 'never') =>
      compileJobGraph(graphOf({}, { name: 'a' }, { name: 'b', chaining }, { name: 'c' }, {})).vertices.map((vertex) => vertex.name);
    expect(names('head')).toEqual(['Source: in -> a', 'b -> c -> Sink: out']);
    expect(names('never')).toEqual(['Source: in -> a', 'b', 'c -> Sink: out']);
  });

  test('levels follow the longest path from a source', () => {
    const graph = compileJobGraph(
      graphOf(
        { kind: 'source' },
        { kind: 'reduce', inputs: hash(0) },
        { kind: 'source' },
        {
          kind: 'sink',
          inputs: [
            { source: 1, partitioning: 'rebalance' },
            { source: 2, partitioning: 'rebalance' },
          ],
        },
      ),
    );
    expect(graph.vertices.map((vertex) => vertex.level)).toEqual([0, 1, 0, 2]);
    expect(graph.edges.map((edge) => edge.targetInput)).toEqual([0, 0, 1]);
  });
});

describe('max parallelism', () => {
  test('is the explicit one of the head, or derived from the parallelism', () => {
    const graph = compileJobGraph(
      graphOf({ parallelism: 100, maxParallelism: 200 }, { parallelism: 86, inputs: hash(0) }, { parallelism: 86 }),
    );
    expect(graph.vertices.map((vertex) => [vertex.maxParallelism, vertex.maxParallelismExplicit])).toEqual([
      [200, true],
      [256, false],
    ]);
  });

  test.each([
    [{ parallelism: 0 }, 'The parallelism of operator "Source: in" of job "sketch" must be a whole number from 1 to 32768, but it is 0.'],
    [{ parallelism: 40_000 }, 'must be a whole number from 1 to 32768, but it is 40000.'],
    [{ maxParallelism: 1.5 }, 'The max parallelism of operator "Source: in" of job "sketch" must be a whole number'],
    [{ maxParallelism: 3 }, 'must be at least its parallelism, 4, but it is 3.'],
  ])('out of bounds is refused: %j', (source, message) => {
    expect(() => compileJobGraph(graphOf(source, {}))).toThrow(message);
  });
});

describe('graphs that cannot run', () => {
  test('an empty one, or one that only has sources, is refused in words that Flink users know', () => {
    expect(() => compileJobGraph(graphOf())).toThrow('No operators defined in streaming topology');
    expect(() => compileJobGraph(graphOf({}))).toThrow('No operators defined in streaming topology');
  });

  test('forward partitioning between unequal parallelisms', () => {
    expect(() => compileJobGraph(graphOf({}, { parallelism: 2 }))).toThrow('Forward partitioning keeps each record on its subtask');
  });

  test('a uid hash that is none', () => {
    expect(() => compileJobGraph(graphOf({}, { uidHash: 'ABC' }))).toThrow('must be 32 lower-case hex digits, but it is "ABC"');
  });
});

describe('the digest', () => {
  test('is the same after a way through JSON with fields in another order', () => {
    const graph = compileJobGraph(graphOf({}, {}, { uid: 'out' }));
    const stored = JSON.parse(JSON.stringify(graph)) as object;
    const reordered = Object.fromEntries(Object.entries(stored).reverse()) as unknown as typeof graph;
    expect(graphDigest(reordered)).toBe(graphDigest(graph));
    expect(graphDigest(graph)).toMatch(/^[0-9a-f]{32}$/);
  });

  test('differs where the graph differs', () => {
    expect(graphDigest(compileJobGraph(graphOf({}, {})))).not.toBe(
      graphDigest(compileJobGraph(graphOf({ parallelism: 5 }, { parallelism: 5 }))),
    );
  });

  test('belongs to a graph that nobody can change', () => {
    const graph = compileJobGraph(graphOf({}, {}));
    expect(Object.isFrozen(graph) && Object.isFrozen(graph.vertices[0]!.operators[0])).toBe(true);
  });
});
