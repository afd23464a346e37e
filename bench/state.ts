// How fast keyed state is: accesses per second on the hot path, entries per second at barriers and when loading.
// Run: node bench/state.ts
import { checksumOf } from '../src/base/bytes.ts';
import { systemClock } from '../src/base/clock.ts';
import type { VertexId } from '../src/graph/ids.ts';
import type { JobVertex } from '../src/graph/job-graph.ts';
import { createSubtaskState, type EncodedSegment, restoreSubtaskState, type SubtaskState } from '../src/state/index.ts';
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

function measure<T>(what: string, count: number, run: () => T): T {
  const start = systemClock.now();
  const result = run();
  const ms = Math.max(systemClock.now() - start, 1);
  console.log(`${what}: ${(count / ms / 1000).toFixed(2)} million/s (${ms} ms)`);
  return result;
}
