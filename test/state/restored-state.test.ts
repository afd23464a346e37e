// Catches: state of a snapshot that is read as another operator's, taken twice, kept in foreign segments for ever, or migrated
// where it need not be.
import { describe, expect, it } from 'vitest';
import type { VertexId } from '../../src/graph/ids.ts';
import type { DeclaredState, JobVertex } from '../../src/graph/job-graph.ts';
import type { KeyGroupRange, OperatorMapping, SegmentRef } from '../../src/protocol/segment-ref.ts';
import { createSubtaskState, type LoadedSegment, type StateSchemas, type SubtaskState } from '../../src/state/index.ts';
import { listState, mapState } from '../../src/stream/state.ts';
import { CommittedState, operatorA, operatorB, SegmentShelf, vertexOf } from './fixtures.ts';

const maxParallelism = 8;
const keys = Array.from({ length: 40 }, (_, i) => `key ${i}`);
const operatorC = 'c'.repeat(32) as VertexId;
const value = (name: string, more: Partial<DeclaredState> = {}): DeclaredState => ({ name, kind: 'value', ...more });

/** Old state: of both operators a value for each key, in a few segments. */
function oldState(): CommittedState {
  const old = new CommittedState({ vertex: vertexOf(1, maxParallelism), subtask: 0 });
  for (const part of [0, 1, 2]) {
    old.epoch((state) => {
      for (const [index, key] of keys.entries()) if (index % 3 === part) set(state, operatorA, 'n', key, index);
      for (const key of keys.slice(0, 9)) set(state, operatorB, 'n', key, `b ${part}`);
      if (part === 0) set(state, operatorA, 'gone', keys[0]!, 1);
    });
  }
  return old;
}

function set(state: SubtaskState, operatorId: string, name: string, key: string | number, value: unknown): void {
  const operator = state.operator(operatorId);
  operator.setCurrentKey(key, -1);
  operator.valueState(name).update(value);
}

function get(state: SubtaskState, operatorId: string, name: string, key: string): unknown {
  const operator = state.operator(operatorId);
  operator.setCurrentKey(key, -1);
  return operator.valueState(name).value();
}

/** One operator, with declared state. */
function newVertex(operatorId: VertexId, states: readonly DeclaredState[], parallelism = 1, keyType?: string): JobVertex {
  const [operator] = vertexOf(1, 1).operators;
  const declared = { ...operator!, operatorId, states, ...(keyType === undefined ? {} : { keyType }) };
  return { ...vertexOf(parallelism, maxParallelism), vertexId: operatorId, operators: [declared] };
}

/** The old segments as a restore manifest lists them. */
function foreign(
  old: CommittedState,
  operators: readonly OperatorMapping[],
  within: KeyGroupRange = [0, maxParallelism - 1],
): readonly LoadedSegment[] {
  return old.shelf.load().flatMap(({ ref, bytes }) => {
    const keyGroups = ref.keyGroups.flatMap(([from, to]): readonly KeyGroupRange[] =>
      from > within[1] || to < within[0] ? [] : [[Math.max(from, within[0]), Math.min(to, within[1])]],
    );
    return keyGroups.length === 0 ? [] : [{ ref: { ...ref, keyGroups, operatorState: false, operators, foreign: true as const }, bytes }];
  });
}

const restored = { checkpoint: 3, attempt: 0 };

interface Rewriting {
  readonly state: SubtaskState;
  readonly shelf: SegmentShelf;
  epoch(change?: (state: SubtaskState) => void): SegmentRef | undefined;
  cold(): SubtaskState;
}

/** Goes on from there, epoch by epoch. */
function goOn(options: Parameters<typeof createSubtaskState>[0], loaded: readonly LoadedSegment[]): Rewriting {
  const state = createSubtaskState(options);
  state.apply(loaded, restored);
  const shelf = new SegmentShelf();
  shelf.refs = loaded.map(({ ref }) => ref);
  const old = new Map(loaded.map(({ ref, bytes }) => [JSON.stringify(ref.at), bytes]));
  let { checkpoint } = restored;
  return {
    state,
    shelf,
    epoch(change = () => undefined) {
      checkpoint++;
      state.begin();
      change(state);
      const segment = state.snapshot({ checkpoint, attempt: checkpoint, nonce: 'n' });
      const stored = segment && shelf.put(segment, checkpoint, checkpoint);
      shelf.commit(stored);
      state.promote();
      return stored;
    },
    cold() {
      const copy = createSubtaskState(options);
      const load = shelf.refs.map((ref) => (ref.foreign ? { ref, bytes: old.get(JSON.stringify(ref.at))! } : shelf.load([ref])[0]!));
      copy.apply(load, { checkpoint, attempt: checkpoint });
      return copy;
    },
  };
}

describe('state of a snapshot', () => {
  const mapping = [{ from: operatorA as string, to: operatorC as string }];

  it('is read as that of the operator that takes it over, without what others have in the same segments', () => {
    const { state } = goOn({ vertex: newVertex(operatorC, [value('n')]), subtask: 0 }, foreign(oldState(), mapping));
    expect(keys.map((key) => get(state, operatorC, 'n', key))).toEqual(keys.map((_, index) => index));
    expect(state.entries).toBe(keys.length);
  });

  it('of several vertices is put together, whatever key groups their segments have whole', () => {
    const vertex = vertexOf(1, maxParallelism);
    const both: JobVertex = { ...vertex, operators: vertex.operators.map((operator) => ({ ...operator, states: [value('n')] })) };
    const old = oldState();
    const parts = [operatorA, operatorB].flatMap((id) => foreign(old, [{ from: id, to: id }]));
    const { state } = goOn(
      { vertex: both, subtask: 0 },
      parts.toSorted((a, b) => a.ref.checkpoint - b.ref.checkpoint),
    );
    expect(keys.map((key) => get(state, operatorA, 'n', key))).toEqual(keys.map((_, index) => index));
    expect(keys.slice(0, 9).map((key) => get(state, operatorB, 'n', key))).toEqual(Array.from({ length: 9 }, () => 'b 2'));
  });

  it('that the program no longer declares is not read', () => {
    const { state, epoch, cold } = goOn({ vertex: newVertex(operatorC, [value('n')]), subtask: 0 }, foreign(oldState(), mapping));
    expect(get(state, operatorC, 'gone', keys[0]!)).toBeUndefined();
    epoch();
    expect(cold().entries).toBe(keys.length);
  });

  it('is divided by key group', () => {
    const vertex = newVertex(operatorC, [value('n')], 2);
    const found = [0, 1].map((subtask) => {
      const within: KeyGroupRange = subtask === 0 ? [0, 3] : [4, 7];
      return goOn({ vertex, subtask }, foreign(oldState(), mapping, within)).state.entries;
    });
    expect(found[0]! + found[1]!).toBe(keys.length);
    expect(Math.min(...found)).toBeGreaterThan(0);
  });
});

describe('the first checkpoints of a restored job', () => {
  const mapping = [{ from: operatorA as string, to: operatorC as string }];
  const options = { vertex: newVertex(operatorC, [value('n')]), subtask: 0 };

  it('write all that is foreign anew in the first, although nothing has changed', () => {
    const { epoch, shelf, cold, state } = goOn(options, foreign(oldState(), mapping));
    const written = epoch();
    expect(written).toBeDefined();
    expect(shelf.refs).toHaveLength(1);
    expect(shelf.refs.some((ref) => ref.foreign)).toBe(false);
    const copy = cold();
    expect(keys.map((key) => get(copy, operatorC, 'n', key))).toEqual(keys.map((key) => get(state, operatorC, 'n', key)));
    expect(epoch()).toBeUndefined();
  });

  it('write no more than they may, key group by key group, until nothing is foreign', () => {
    const { epoch, shelf, cold } = goOn({ ...options, foreignRewriteBytesMax: 100 }, foreign(oldState(), mapping));
    let epochs = 0;
    for (; shelf.refs.some((ref) => ref.foreign); epochs++) {
      expect(epochs).toBeLessThan(20);
      const change = epochs % 2 === 0;
      epoch(change ? (state) => set(state, operatorC, 'n', keys[epochs]!, -epochs) : undefined);
      expect(cold().entries).toBe(keys.length);
    }
    expect(epochs).toBeGreaterThan(2);
    expect(epochs).toBeLessThanOrEqual(maxParallelism);
  });

  it('write the same bytes whether the slot was warm or cold', () => {
    const small = { ...options, foreignRewriteBytesMax: 100 };
    const [warm, other] = [goOn(small, foreign(oldState(), mapping)), goOn(small, foreign(oldState(), mapping))];
    warm.epoch();
    other.epoch();
    const cold = other.cold();
    const bytesOf = (state: SubtaskState) => {
      state.begin();
      const segment = state.snapshot({ checkpoint: 5, attempt: 5, nonce: 'n' });
      return Buffer.from(segment!.bytes).toString('hex');
    };
    expect(bytesOf(cold)).toBe(bytesOf(warm.state));
  });

  it('store operator state that was dealt out as the subtask’s own, even if it is empty', () => {
    for (const dealt of [
      new Map([[operatorC as string, new Map([['split:s', [1, 2]]])]]),
      new Map<string, ReadonlyMap<string, number[]>>(),
    ]) {
      const state = createSubtaskState(options);
      state.apply([], restored, dealt);
      state.begin();
      const segment = state.snapshot({ checkpoint: 4, attempt: 1, nonce: 'n' });
      expect(segment?.operatorState).toBe(true);
      state.undo();
      state.begin();
      expect(state.snapshot({ checkpoint: 4, attempt: 2, nonce: 'n' })?.operatorState).toBe(true);
      state.promote();
      state.begin();
      expect(state.snapshot({ checkpoint: 5, attempt: 3, nonce: 'n' })).toBeUndefined();
    }
  });
});

describe('schema versions', () => {
  const declared = (version: number): DeclaredState[] => [
    value('n', version === 1 ? {} : { schemaVersion: version }),
    { name: 'l', kind: 'list', ...(version === 1 ? {} : { schemaVersion: version }) },
    { name: 'm', kind: 'map', ...(version === 1 ? {} : { schemaVersion: version }) },
  ];
  const schemas =
    (version: number): StateSchemas =>
    () => ({ version, migrate: (old, from) => `${String(old)} from ${from}` });

  const contentOf = (state: SubtaskState) => {
    const operator = state.operator(operatorA);
    operator.setCurrentKey('k', -1);
    return [
      operator.valueState('n').value(),
      operator.state('l', listState()).get(),
      [...operator.state('m', mapState<string, unknown>()).entries()],
    ];
  };

  function ofVersionOne(): CommittedState {
    const old = new CommittedState({ vertex: newVertex(operatorA, declared(1)), subtask: 0 });
    old.epoch((state) => {
      const operator = state.operator(operatorA);
      operator.setCurrentKey('k', -1);
      operator.valueState('n').update(1);
      operator.state('l', listState()).addAll([1, 2]);
      operator.state('m', mapState<string, unknown>()).put('key', 3);
    });
    return old;
  }

  it('bring every value, element and entry up to date when it is read, and not again once it is rewritten', () => {
    const mapping = [{ from: operatorA as string, to: operatorA as string }];
    const { state, epoch, cold } = goOn(
      { vertex: newVertex(operatorA, declared(2)), subtask: 0, schemas: schemas(2) },
      foreign(ofVersionOne(), mapping),
    );
    const migrated = ['1 from 1', ['1 from 1', '2 from 1'], [['key', '3 from 1']]];
    expect(contentOf(state)).toEqual(migrated);
    epoch();
    expect(contentOf(cold())).toEqual(migrated);
  });

  it('of segments side by side are told apart', () => {
    const old = ofVersionOne();
    const next = createSubtaskState({ vertex: newVertex(operatorA, declared(2)), subtask: 0, schemas: schemas(2), segmentsSoftMax: 1_000 });
    next.apply(old.shelf.load(), { checkpoint: 1, attempt: 1 });
    next.begin();
    set(next, operatorA, 'n', 'other', 'new');
    const segment = old.shelf.put(next.snapshot({ checkpoint: 2, attempt: 2, nonce: 'n' })!, 2, 2);
    // As if nothing had been rewritten but the change.
    old.shelf.refs = [...old.shelf.refs, { ...segment, base: [] } as SegmentRef];
    const copy = createSubtaskState({ vertex: newVertex(operatorA, declared(3)), subtask: 0, schemas: schemas(3) });
    copy.apply(old.shelf.load(), { checkpoint: 2, attempt: 2 });
    expect(get(copy, operatorA, 'n', 'other')).toBe('new from 2');
  });

  it('that can not be read fail by name', () => {
    const mapping = [{ from: operatorA as string, to: operatorA as string }];
    const broken: StateSchemas = () => ({
      version: 2,
      migrate: () => {
        throw new TypeError('old is odd');
      },
    });
    const load = () => goOn({ vertex: newVertex(operatorA, declared(2)), subtask: 0, schemas: broken }, foreign(ofVersionOne(), mapping));
    expect(load).toThrow(/state "n" of operator "first" is of version 1 .* migrate threw: old is odd/);
  });
});

describe('keys', () => {
  const mapping = [{ from: operatorA as string, to: operatorC as string }];
  const add = (run: Rewriting, key: number) => () => run.epoch((state) => set(state, operatorC, 'n', key, 1));

  it('of another kind are refused while state is still as the restore found it', () => {
    const run = goOn({ vertex: newVertex(operatorC, [value('n')]), subtask: 0 }, foreign(oldState(), mapping));
    expect(add(run, 42)).toThrow(/restored with state by keys of kind string, but now gets the key 42 of kind number/);
  });

  it('of any kind are taken afterwards, and from the start if their type is declared', () => {
    const later = goOn({ vertex: newVertex(operatorC, [value('n')]), subtask: 0 }, foreign(oldState(), mapping));
    later.epoch();
    expect(add(later, 42)).not.toThrow();
    const declared = goOn({ vertex: newVertex(operatorC, [value('n')], 1, 'any'), subtask: 0 }, foreign(oldState(), mapping));
    expect(add(declared, 42)).not.toThrow();
  });

  it('are counted by kind, beside entries and bytes of each state', () => {
    const { state } = goOn({ vertex: newVertex(operatorC, [value('n')]), subtask: 0 }, foreign(oldState(), mapping));
    expect(state.counts()).toEqual([
      { operator: 0, name: 'n', kind: 'value', entries: keys.length, bytes: expect.any(Number), keyKinds: ['string'] },
    ]);
  });
});
