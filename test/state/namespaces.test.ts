// Catches: windows of one key that share state, timers that fire for another window, and pairs that lie in the wrong key group.
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { createSubtaskState, type NamespacedState, type SubtaskState } from '../../src/state/index.ts';
import { listState, mapState, reducingState } from '../../src/stream/state.ts';
import { canonicalKey, compareCanonicalKeys } from '../../src/values/canonical-key.ts';
import type { Key } from '../../src/values/key.ts';
import { keyGroupOf } from '../../src/values/key-hash.ts';
import { CommittedState, operatorA, pick, vertexOf } from './fixtures.ts';

const options = { vertex: vertexOf(1, 16), subtask: 0, segmentsSoftMax: 3 };
const keys: readonly Key[] = ['JFK', 9, 10, ['a', 1], true];
const namespaces: readonly Key[] = [0, 5, 20, [0, 10]];
const sums = reducingState<number>({ reduce: (a, b) => a + b });
const elements = listState<string>();
const entries = mapState<string, number>();

const namespacedOf = (state: SubtaskState): NamespacedState => state.operator(operatorA).namespaced;

/** Handles are asked for once for each copy. */
function handlesOf(state: SubtaskState) {
  const namespaced = namespacedOf(state);
  return {
    at: (key: Key, namespace: Key) => namespaced.setCurrent(key, -1, namespace),
    sum: namespaced.state('sum', sums),
    list: namespaced.state('elements', elements),
    map: namespaced.state('entries', entries),
    timers: namespaced.timers,
    namespaced,
  };
}

function contentOf(state: SubtaskState): unknown {
  const { at, sum, list, map } = handlesOf(state);
  return keys.map((key) =>
    namespaces.map((namespace) => {
      at(key, namespace);
      return [sum.get(), list.get(), [...map.entries()]];
    }),
  );
}

function pollAll(state: SubtaskState, upTo: number): readonly string[] {
  const { timers, namespaced } = handlesOf(state);
  const fired: string[] = [];
  for (let time = timers.poll(upTo); time !== undefined; time = timers.poll(upTo))
    fired.push(`${time} ${JSON.stringify([namespaced.currentKey, namespaced.currentNamespace])}`);
  return fired;
}

/** As deep as that of any kind of state goes; in the model, of (key, namespace). */
function change(random: Random, state: SubtaskState, model: Map<string, { sum?: number; list: string[]; map: Map<string, number> }>): void {
  const { at, sum, list, map } = handlesOf(state);
  const [key, namespace] = [pick(random, keys), pick(random, namespaces)];
  at(key, namespace);
  const id = JSON.stringify([key, namespace]);
  const cell = model.get(id) ?? { list: [], map: new Map<string, number>() };
  model.set(id, cell);
  const number = Math.floor(random.fraction() * 10);
  const name = `e${number % 3}`;
  switch (number % 5) {
    case 0:
      sum.clear();
      list.clear();
      map.clear();
      model.delete(id);
      return;
    case 1:
      list.add(name);
      cell.list.push(name);
      return;
    case 2:
      map.put(name, number);
      cell.map.set(name, number);
      return;
    default:
      sum.add(number);
      cell.sum = (cell.sum ?? 0) + number;
  }
}

const modelled = (model: ReadonlyMap<string, { sum?: number; list: string[]; map: Map<string, number> }>): unknown =>
  keys.map((key) =>
    namespaces.map((namespace) => {
      const cell = model.get(JSON.stringify([key, namespace]));
      return [cell?.sum, cell?.list ?? [], [...(cell?.map ?? [])]];
    }),
  );

describe('state by key and namespace', () => {
  it.each([1, 2, 3, 4])('is that of a model through commits, undone attempts, restores and compaction (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const committed = new CommittedState(options);
    const model: Parameters<typeof change>[2] = new Map();
    for (let epoch = 0; epoch < 30; epoch++) {
      committed.state.begin();
      for (let i = 0; i < 5; i++) change(random, committed.state, new Map());
      committed.state.undo();
      expect(contentOf(committed.state)).toEqual(modelled(model));
      committed.epoch((state) => {
        for (let i = 0; i < 6; i++) change(random, state, model);
      });
      expect(contentOf(committed.state)).toEqual(modelled(model));
      expect(contentOf(committed.restored())).toEqual(modelled(model));
    }
    expect(committed.shelf.refs.length).toBeLessThan(20);
  });

  it('is apart from state by key of the same name, in the same segment', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      const operator = state.operator(operatorA);
      const handle = operator.state('sum', sums);
      const { at, sum } = handlesOf(state);
      operator.setCurrentKey('JFK', -1);
      handle.add(1);
      at('JFK', 0);
      sum.add(10);
      at('JFK', 5);
      sum.add(100);
    });
    for (const state of [committed.state, committed.restored()]) {
      const operator = state.operator(operatorA);
      operator.setCurrentKey('JFK', -1);
      const { at, sum } = handlesOf(state);
      expect(operator.state('sum', sums).get()).toBe(1);
      at('JFK', 0);
      expect(sum.get()).toBe(10);
      at('JFK', 5);
      expect(sum.get()).toBe(100);
      expect(state.entries).toBe(3);
    }
  });

  it('has timers for each pair, which fire by time, key and namespace, in the canonical order of each', () => {
    const committed = new CommittedState(options);
    const pairs = keys.flatMap((key) => namespaces.map((namespace) => [key, namespace] as const));
    committed.epoch((state) => {
      const { at, timers } = handlesOf(state);
      for (const [key, namespace] of pairs.toReversed()) {
        at(key, namespace);
        timers.register(7);
        timers.register(7);
        timers.register(3);
        timers.delete(3);
      }
      at('JFK', 20);
      timers.register(1);
    });
    const byKey = (one: Key, other: Key) => compareCanonicalKeys(canonicalKey(one), canonicalKey(other));
    const inOrder = pairs.toSorted((a, b) => byKey(a[0], b[0]) || byKey(a[1], b[1])).map((pair) => `7 ${JSON.stringify(pair)}`);
    const restored = committed.restored();
    for (const state of [restored, committed.state]) {
      state.begin();
      expect(pollAll(state, 7)).toEqual(['1 ["JFK",20]', ...inOrder]);
      state.undo();
    }
    committed.epoch((state) => void pollAll(state, 6));
    expect(committed.restored().entries).toBe(pairs.length);
  });

  it('lies where its key does, whatever the namespace', () => {
    const group = keyGroupOf('JFK', 16);
    const here = createSubtaskState({ vertex: vertexOf(16, 16), subtask: group });
    here.begin();
    const { at, sum } = handlesOf(here);
    for (const namespace of namespaces) {
      at('JFK', namespace);
      sum.add(1);
    }
    expect(here.snapshot({ checkpoint: 1, attempt: 1, nonce: 'n' })?.keyGroups).toEqual([[group, group]]);
    const elsewhere = createSubtaskState({ vertex: vertexOf(16, 16), subtask: (group + 1) % 16 });
    elsewhere.begin();
    const other = handlesOf(elsewhere);
    other.at('JFK', 0);
    expect(() => other.sum.add(1)).toThrow('belongs to this subtask');
  });

  it('goes on with the pair that was set after a timer of another was polled', () => {
    const state = createSubtaskState(options);
    state.begin();
    const { at, sum, timers, namespaced } = handlesOf(state);
    at('JFK', 0);
    timers.register(1);
    at('JFK', 5);
    sum.add(1);
    timers.poll(1);
    expect([namespaced.currentKey, namespaced.currentNamespace]).toEqual(['JFK', 0]);
    expect(sum.get()).toBeUndefined();
    at('JFK', 5);
    expect(sum.get()).toBe(1);
  });
});
