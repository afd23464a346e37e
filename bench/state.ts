// How fast keyed state is: accesses per second on the hot path, entries per second at barriers and when loading.
// Run: node bench/state.ts
import { checksumOf } from '../src/base/bytes.ts';
import { systemClock } from '../src/base/clock.ts';
import type { VertexId } from '../src/graph/ids.ts';
import type { JobVertex } from '../src/graph/job-graph.ts';
import { createSubtaskState, type EncodedSegment, type OperatorState, restoreSubtaskState, type SubtaskState } from '../src/state/index.ts';
import { listState, mapState } from '../src/stream/state.ts';
import type { Key } from '../src/values/key.ts';
import { keyGroupOf } from '../src/values/key-hash.ts';

const operatorId = 'a'.repeat(32) as VertexId;
const vertex: JobVertex = {
  vertexId: operatorId,
  name: 'bench',
  parallelism: 1,
  maxParallelism: 128,
  maxParallelismExplicit: false,
  level: 0,
  operators: [
    { node: 0, operatorId, kind: 'keyedProcess', name: 'bench', uid: 'bench', uidHash: undefined, stateful: true, input: undefined },
  ],
};

const keyCount = 100_000;
const accesses = 2_000_000;

interface Total {
  readonly count: number;
  readonly sum: number;
}

for (const [kind, keyOf] of [
  ['number', (index: number): Key => index],
  ['string of 8', (index: number): Key => `k-${String(index).padStart(6, '0')}`],
] as const) {
  const keys = Array.from({ length: keyCount }, (_, index) => keyOf(index));
  const groups = keys.map((key) => keyGroupOf(key, vertex.maxParallelism));
  const state = createSubtaskState({ vertex, subtask: 0 });
  state.begin();
  measure(`${kind}: first value() and update() of ${keyCount} keys`, keyCount, () => access(state, keys, groups, keyCount, 1));
  const first = measure(`${kind}: snapshot of all`, keyCount, () => snapshot(state, 1))!;
  state.promote();
  state.begin();
  measure(`${kind}: value() and update(), key by key`, accesses, () => access(state, keys, groups, accesses, 7919));
  measure(`${kind}: the same again, all dirty`, accesses, () => access(state, keys, groups, accesses, 7919));
  measure(`${kind}: value() and update(), few keys`, accesses, () => access(state, keys.slice(0, 300), groups, accesses, 1));
  measure(`${kind}: undo of all`, keyCount, () => state.undo());
  state.begin();
  access(state, keys, groups, 1_000, 7919);
  const delta = measure(`${kind}: snapshot of 1,000 changed keys`, 1_000, () => snapshot(state, 2))!;
  console.log(`  ${first.bytes.byteLength} bytes for all, ${delta.bytes.byteLength} for 1,000 changed and what compaction adds`);
  const ref = {
    at: { kind: 'object', uri: '' },
    checkpoint: 1,
    bytes: 0,
    checksum: checksumOf(first.bytes),
    keyGroups: first.keyGroups,
    operatorState: false,
  } as const;
  measure(`${kind}: load`, keyCount, () =>
    restoreSubtaskState({ vertex, subtask: 0 }, [{ ref, bytes: first.bytes }], { checkpoint: 1, attempt: 1 }),
  );
}
timers();
lists();
maps();

function access(state: SubtaskState, keys: readonly Key[], groups: readonly number[], count: number, stride: number): void {
  const operator = state.operator(operatorId);
  const total = operator.valueState<Total>('total');
  let index = 0;
  for (let i = 0; i < count; i++) {
    operator.setCurrentKey(keys[index]!, groups[index]!);
    const before = total.value();
    total.update(before === undefined ? { count: 1, sum: i } : { count: before.count + 1, sum: before.sum + i });
    index = (index + stride) % keys.length;
  }
}

function snapshot(state: SubtaskState, checkpoint: number): EncodedSegment | undefined {
  return state.snapshot({ checkpoint, attempt: checkpoint, nonce: 'n' });
}

function timers(): void {
  const state = createSubtaskState({ vertex, subtask: 0 });
  const operator = state.operator(operatorId);
  state.begin();
  measure(`timers: register ${keyCount}`, keyCount, () => {
    for (let i = 0; i < keyCount; i++) {
      operator.setCurrentKey(i, -1);
      operator.timers.register((i * 7919) % 1_000_000);
    }
  });
  measure(`timers: poll ${keyCount}`, keyCount, () => {
    while (operator.timers.poll(Infinity) !== undefined);
  });
  measure('timers: one put off again and again, for 1,000 keys', 1_000_000, () => {
    for (let i = 0; i < 1_000_000; i++) {
      operator.setCurrentKey(i % 1_000, -1);
      if (i >= 1_000) operator.timers.delete(i - 1_000);
      operator.timers.register(i);
    }
  });
}

function lists(): void {
  const declaration = listState<number>();
  const [state, load] = committed((operator) => operator.state('list', declaration).addAll(Array.from({ length: keyCount }, (_, i) => i)));
  const list = state.operator(operatorId).state('list', declaration);
  measure(`list of ${keyCount}: load`, keyCount, load);
  step('one addition', state, () => list.add(1));
  step('a look at all and one addition', state, () => {
    list.get();
    list.add(1);
  });
  state.begin();
  state.operator(operatorId).setCurrentKey('k', -1);
  measure('list: add', accesses, () => {
    for (let i = 0; i < accesses; i++) list.add(i);
  });
  measure('list: undo of them', accesses, () => state.undo());
}

function maps(): void {
  const declaration = mapState<number, Total>();
  const [state, load] = committed((operator) => {
    const map = operator.state('map', declaration);
    for (let i = 0; i < keyCount; i++) map.put(i, { count: i, sum: i });
  });
  const map = state.operator(operatorId).state('map', declaration);
  measure(`map of ${keyCount}: load`, keyCount, load);
  step('one put', state, () => map.put(77, { count: 1, sum: 1 }));
  step('one delete', state, () => map.delete(78));
  state.begin();
  state.operator(operatorId).setCurrentKey('k', -1);
  measure('map: get and put, entry by entry', accesses, () => {
    for (let i = 0; i < accesses; i++) {
      const before = map.get((i * 7919) % keyCount);
      map.put((i * 7919) % keyCount, { count: (before?.count ?? 0) + 1, sum: i });
    }
  });
  measure('map: undo of them', keyCount, () => state.undo());
  measure('map: iterate', keyCount, () => {
    for (const _ of map);
  });
  state.begin();
  state.operator(operatorId).setCurrentKey('k', -1);
  map.delete(5);
  map.put(5, { count: 0, sum: 0 });
  map.clear();
  measure('map: undo of a move and a clear, and the look that puts it in order', keyCount, () => {
    state.undo();
    state.operator(operatorId).setCurrentKey('k', -1);
    return map.keys().next();
  });
}

/** A state that was filled and committed, and how to load it again. */
function committed(fill: (operator: OperatorState) => void): [SubtaskState, () => void] {
  const state = createSubtaskState({ vertex, subtask: 0 });
  const operator = state.operator(operatorId);
  state.begin();
  operator.setCurrentKey('k', -1);
  measure(`fill ${keyCount}`, keyCount, () => fill(operator));
  const { bytes, keyGroups } = measure(`snapshot of ${keyCount}`, keyCount, () => snapshot(state, 1))!;
  state.promote();
  const ref = { at: { kind: 'object', uri: '' }, checkpoint: 1, bytes: 0, checksum: '', keyGroups, operatorState: false } as const;
  operator.setCurrentKey('k', -1);
  return [state, () => void restoreSubtaskState({ vertex, subtask: 0 }, [{ ref, bytes }], { checkpoint: 1, attempt: 1 })];
}

/** One epoch with one small change of large state: what it takes and what it writes. */
function step(what: string, state: SubtaskState, change: () => unknown): void {
  state.begin();
  state.operator(operatorId).setCurrentKey('k', -1);
  const start = performance.now();
  change();
  const segment = snapshot(state, state.parent.checkpoint + 1);
  const ms = performance.now() - start;
  state.promote();
  state.operator(operatorId).setCurrentKey('k', -1);
  console.log(`  epoch of ${what}: ${ms.toFixed(2)} ms, ${segment?.bytes.byteLength} bytes`);
}

function measure<T>(what: string, count: number, run: () => T): T {
  const start = systemClock.now();
  const result = run();
  const ms = Math.max(systemClock.now() - start, 1);
  console.log(`${what}: ${(count / ms / 1000).toFixed(2)} million/s (${ms} ms)`);
  return result;
}
