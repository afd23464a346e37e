// Catches: operator state that is lost, doubled or given to the wrong subtask when a job is restored.
import { describe, expect, it } from 'vitest';
import type { ChainedOperator, DeclaredState } from '../../src/graph/job-graph.ts';
import { dealList } from '../../src/runtime/deal-list.ts';
import { dealOperatorValues } from '../../src/runtime/deal-state.ts';
import { noSchemas, type StateSchemas } from '../../src/state/index.ts';
import type { Portable } from '../../src/values/portable.ts';

/** What every new subtask begins with, under one name. */
function dealt(
  declared: DeclaredState | readonly DeclaredState[],
  name: string,
  before: readonly ({ readonly [name: string]: Portable } | null)[],
  parallelism: number,
  { schemas = noSchemas, version = 1 }: { readonly schemas?: StateSchemas; readonly version?: number } = {},
): readonly (Portable | undefined)[] {
  const operator: ChainedOperator = {
    node: 0,
    operatorId: 'a'.repeat(32) as ChainedOperator['operatorId'],
    kind: 'map',
    name: 'Map',
    uid: 'm',
    uidHash: undefined,
    stateful: true,
    input: undefined,
    states: [declared].flat(),
  };
  const stored = before.map(
    (values) => values && { values: new Map(Object.entries(values)), versions: version === 1 ? {} : { s: version } },
  );
  return Array.from({ length: parallelism }, (_, subtask) =>
    dealOperatorValues({ operator, subtask, parallelism, before: stored, schemas }).get(name),
  );
}

const split: DeclaredState = { name: 's', kind: 'splitList' };

describe('a list is dealt out', () => {
  it.each([
    [
      [1, 2, 3, 4, 5, 6, 7],
      3,
      [
        [1, 2, 3],
        [4, 5],
        [6, 7],
      ],
    ],
    [[1, 2, 3, 4, 5, 6], 4, [[1, 2], [3, 4], [5], [6]]],
    [[1, 2], 3, [[1], [2], []]],
    [[], 2, [[], []]],
  ] as const)('in contiguous slices, the remainder one each to the first: %j to %i', (items, targets, slices) => {
    expect(dealList(items, targets).slices).toEqual(slices);
  });

  it('from where the remainder of the list before left off', () => {
    const first = dealList([1, 2, 3, 4], 3);
    expect(first.next).toBe(1);
    const second = dealList(['a', 'b'], 3, first.next);
    expect(second).toEqual({ slices: [[], ['a'], ['b']], next: 0 });
  });
});

describe('split lists', () => {
  const [two, three] = [
    [{ 'split:s': [1, 2, 3] }, { 'split:s': [4, 5] }],
    [{ 'split:s': [1, 2, 3] }, { 'split:s': [4] }, { 'split:s': [5] }],
  ];

  it('of two subtasks go to three in the order of the old subtasks', () => {
    expect(dealt(split, 'split:s', two, 3)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('of three go to two', () => {
    expect(dealt(split, 'split:s', three, 2)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('stay as they are at the same parallelism, however unequal', () => {
    expect(dealt(split, 'split:s', three, 3)).toEqual([[1, 2, 3], [4], [5]]);
  });

  it('of one operator share their remainders out', () => {
    const lists: readonly DeclaredState[] = [split, { name: 't', kind: 'splitList' }];
    const before = [{ 'split:s': [1], 'split:t': [2] }];
    expect([dealt(lists, 'split:s', before, 2), dealt(lists, 'split:t', before, 2)]).toEqual([
      [[1], undefined],
      [undefined, [2]],
    ]);
  });

  it('that the program no longer declares are left behind', () => {
    expect(dealt([], 'split:s', two, 3)).toEqual([undefined, undefined, undefined]);
  });
});

it('union lists go to all as a whole, also at the same parallelism', () => {
  const union: DeclaredState = { name: 's', kind: 'unionList' };
  const before = [{ 'union:s': [1, 2] }, null, { 'union:s': [3] }];
  expect(dealt(union, 'union:s', before, 2)).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(dealt(union, 'union:s', before, 3)[1]).toEqual([1, 2, 3]);
});

it('of broadcast state every new subtask gets one of the copies, those in turn that there are', () => {
  const broadcast: DeclaredState = { name: 's', kind: 'broadcast' };
  const before = [{ 'broadcast:s': [['k', 0]] }, null, { 'broadcast:s': [['k', 2]] }];
  expect(dealt(broadcast, 'broadcast:s', before, 4)).toEqual([[['k', 0]], [['k', 2]], [['k', 0]], [['k', 2]]]);
  expect(dealt(broadcast, 'broadcast:s', before, 3)).toEqual([[['k', 0]], undefined, [['k', 2]]]);
});

it('what belongs to subtasks stays with them', () => {
  const subtask: DeclaredState = { name: 's', kind: 'subtask' };
  expect(dealt(subtask, 'subtask:s', [{ 'subtask:s': [1] }, { 'subtask:s': [2] }], 2)).toEqual([[1], [2]]);
});

describe('splits', () => {
  const declared: DeclaredState = { name: '_splits', kind: 'engine' };
  const one = (splitId: string, watermark: number | null = 5) => ({ splitId, split: { at: splitId }, position: 3, watermark });
  const subtask = (ids: readonly string[], watermark: number | null) => ({
    _splits: { done: true, assigned: 4, assignedToAll: 8, allowance: 1, watermark, splits: ids.map((id) => one(id)) },
  });

  it('that are not read to their ends are dealt out by id, with shares that follow', () => {
    const before = [subtask(['c', 'e'], 7), subtask(['a', 'b', 'd'], 5)];
    const after = dealt(declared, '_splits', before, 3) as unknown as readonly ReturnType<typeof subtask>['_splits'][];
    expect(after.map(({ splits }) => splits.map(({ splitId }) => splitId))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(after.map(({ assigned, assignedToAll }) => [assigned, assignedToAll])).toEqual([
      [2, 5],
      [2, 5],
      [1, 5],
    ]);
    expect(after.map(({ allowance }) => allowance).reduce((sum, each) => sum + each)).toBeCloseTo(2);
    expect(after.every(({ done, watermark }) => done && watermark === 5)).toBe(true);
    expect(after[0]!.splits[0]).toEqual(one('a'));
  });

  it('stay with their subtasks at the same parallelism, positions and all', () => {
    const before = [subtask(['c'], 7), subtask([], null)];
    expect(dealt(declared, '_splits', before, 2)).toEqual([before[0]!._splits, before[1]!._splits]);
  });

  it('that all are read leave nothing but that no more will come', () => {
    expect(dealt(declared, '_splits', [subtask([], 9)], 2)).toMatchObject([
      { done: true, assigned: 0, assignedToAll: 0, splits: [] },
      { done: true, splits: [] },
    ]);
  });
});

describe('values of an older schema version', () => {
  const schemas: StateSchemas = (_operatorId, name) =>
    name === 's' ? { version: 3, migrate: (old, from) => `${JSON.stringify(old)} of ${from}` } : undefined;

  it('are brought up to date one by one, in lists and maps', () => {
    const before = [{ 'split:s': [1, 2], 'broadcast:s': [['k', 4]] }];
    expect(dealt(split, 'split:s', before, 2, { schemas, version: 2 })).toEqual([['1 of 2'], ['2 of 2']]);
    expect(dealt({ name: 's', kind: 'broadcast' }, 'broadcast:s', before, 1, { schemas })).toEqual([[['k', '4 of 1']]]);
  });

  it('are left as they are if they are of the declared version', () => {
    expect(dealt(split, 'split:s', [{ 'split:s': [1] }], 1, { schemas, version: 3 })).toEqual([[1]]);
  });

  it('can not be read without a way, by name', () => {
    expect(() => dealt(split, 'split:s', [{ 'split:s': [1] }], 1, { version: 2 })).toThrow(/state "s" of operator "m" is of version 2/);
  });
});
