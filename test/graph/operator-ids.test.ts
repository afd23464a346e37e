import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { murmur3x128 } from '../../src/graph/murmur3-128.ts';
import { assignOperatorIds, operatorIdOfUid } from '../../src/graph/operator-ids.ts';
import { graphOf } from './graph-of.ts';

// The ids come from Flink's own generator. A wrong one would lose state on restore, or give it to another operator.

const unchained = ['bc764cd8ddf7a0cff126f51c16239658', '0a448493b4782967b150582570326227', 'ea632d67b7d595e5b851708ae9ad79d6'];
const chained = ['cbc357ccb763df2852fee8c4fc7d55f2', '570f707193e0fe32f4d86d067aba243b', 'b728d985904d42b0fdd945a9e3253fca'];

describe('the hash under the ids', () => {
  test('agrees with the published vectors of MurmurHash3 x64 128 on empty, short and long input', () => {
    const hex = (text: string) => Buffer.from(murmur3x128(utf8(text))).toString('hex');
    expect(hex('')).toBe('00000000000000000000000000000000');
    expect(hex('hello')).toBe('029bbd41b3a7d8cb191dae486a901e5b');
    expect(hex('The quick brown fox jumps over the lazy dog')).toBe('6c1b07bc7bbc4be347939ac4a93c437a');
  });

  test.each([
    ['source-id', 'bd9c186e89cc37a76d776844dfa8ccba'],
    ['mapper-id', 'c9cecfed5cae9d489451c50e442666e3'],
    ['uid', '0e1febe90327d1cea326114660ec1de8'],
    ['Ünï', '2d0ac4b57973a0e7ed1a3c53ab0f028a'],
  ])('the uid "%s" gives the id that Flink gives it', (uid, id) => {
    expect(operatorIdOfUid(uid)).toBe(id);
  });
});

describe('generated ids are those of Flink', () => {
  test('with chaining disabled', () => {
    expect(assignOperatorIds(graphOf({ chaining: 'never' }, { chaining: 'never' }, { chaining: 'never' }))).toEqual(unchained);
  });

  test('in one chain, whatever the names, the functions and a uniform parallelism', () => {
    expect(assignOperatorIds(graphOf({}, {}, {}))).toEqual(chained);
    expect(
      assignOperatorIds(graphOf({ name: 'a', parallelism: 7 }, { kind: 'filter', parallelism: 7 }, { name: 'z', parallelism: 7 })),
    ).toEqual(chained);
    expect(assignOperatorIds(graphOf({}, { maxParallelism: 64 }, {})), 'max parallelism does not break a chain').toEqual(chained);
  });

  test('where only the map has another parallelism, so that the chains break', () => {
    const rebalanced = (source: number) => [{ source, partitioning: 'rebalance' as const }];
    expect(assignOperatorIds(graphOf({}, { parallelism: 2, inputs: rebalanced(0) }, { inputs: rebalanced(1) }))).toEqual(unchained);
  });

  test('with an extra map after the map', () => {
    expect(assignOperatorIds(graphOf({}, {}, {}, {}))).toEqual([
      chained[0],
      chained[1],
      'ba40499bacce995f15693b1735928377',
      '3d05135cf7d8f1375d8f655ba9d20255',
    ]);
  });

  test('where the source has a uid', () => {
    expect(assignOperatorIds(graphOf({ uid: 'source-id' }, {}, {}))).toEqual([
      'bd9c186e89cc37a76d776844dfa8ccba',
      '21503fd3ad4f16bdcb51ed86596fbd73',
      'c1779627aee2aa3fc250c529c0f0a682',
    ]);
  });

  test('where the records are keyed on the way', () => {
    expect(assignOperatorIds(graphOf({}, { kind: 'reduce', inputs: [{ source: 0, partitioning: 'hash' }] }, {}))).toEqual([
      'bc764cd8ddf7a0cff126f51c16239658',
      '20ba6b65f97481d5570070de90e4e791',
      'c09dc291fad93d575e015871097bfc60',
    ]);
  });

  test('a node with two inputs waits for both, and every node gets an id', () => {
    const graph = graphOf(
      { kind: 'source' },
      { kind: 'map' },
      { kind: 'source' },
      {
        kind: 'process',
        inputs: [
          { source: 1, partitioning: 'forward' },
          { source: 2, partitioning: 'forward' },
        ],
      },
    );
    const ids = assignOperatorIds(graph);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('streams that meet', () => {
  test('have ids that follow from the order of the inputs, and a node that two streams feed is in no chain', () => {
    const union = (first: number, second: number) =>
      graphOf(
        { kind: 'source' },
        { kind: 'source', inputs: [] },
        {
          kind: 'map',
          inputs: [
            { source: first, partitioning: 'forward' },
            { source: second, partitioning: 'forward' },
          ],
        },
      );
    const ids = assignOperatorIds(union(0, 1));
    const turned = assignOperatorIds(union(1, 0));
    // The first sources of "chaining disabled": neither source has an output that it chains with.
    expect(ids[0]).toBe(unchained[0]);
    expect(turned.slice(0, 2)).toEqual(ids.slice(0, 2));
    expect(turned[2]).not.toBe(ids[2]);
  });

  test('a side output counts as its operator, not as one of its own', () => {
    const of = (sideOutput: { readonly sideOutput?: string }) =>
      assignOperatorIds(graphOf({}, {}, { inputs: [{ source: 1, partitioning: 'forward', ...sideOutput }] }));
    expect(of({ sideOutput: 'late' })).toEqual(of({}));
  });
});

describe('ids that cannot be told apart are refused', () => {
  test('two operators with the same uid, by both names', () => {
    expect(() => assignOperatorIds(graphOf({ uid: 'twice' }, {}, { uid: 'twice' }))).toThrow(
      'Operators "Source: in" and "Sink: out" of job "sketch" have the same uid "twice".',
    );
  });

  test('a uid hash does not change the id under which new state is written', () => {
    expect(assignOperatorIds(graphOf({}, { uidHash: '0'.repeat(32) }, {}))).toEqual(chained);
  });
});
