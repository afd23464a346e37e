// Random histories against a model of plain maps. Catches: changes that an undo forgets or a delta leaves out, deltas
// applied out of order, a stale copy that differs from a warm one, and warm copies that write other bytes than cold ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { createSubtaskState, type SubtaskState } from '../../src/state/index.ts';
import { canonicalKey, compareCanonicalKeys } from '../../src/values/canonical-key.ts';
import type { Key } from '../../src/values/key.ts';
import { keyGroupOf } from '../../src/values/key-hash.ts';
import { contentOf, freezing, operatorA, operatorB, pick, SegmentShelf, vertexOf } from './fixtures.ts';

const names = ['total', 'last'];
const operators = [operatorA, operatorB];
const keys: readonly Key[] = [
  'JFK',
  'LAX',
  '',
  '\u0000x',
  'a key that is longer than thirteen characters',
  0,
  1,
  -7,
  2.5,
  1e15,
  true,
  false,
  5n,
  ['a', 1],
  [],
  { a: 1, b: ['x'] },
  {},
];

/** What the state should be. Copied whole for each attempt. */
interface Model {
  readonly values: Map<string, unknown>;
  readonly timers: Map<string, { readonly time: number; readonly key: Key }>;
  readonly operatorValues: Map<string, unknown>;
}

const copyOf = (model: Model): Model => ({
  values: new Map(model.values),
  timers: new Map(model.timers),
  operatorValues: new Map(model.operatorValues),
});
const idOf = (...parts: readonly unknown[]) => parts.map((part) => `${typeof part}:${String(part)}`).join('/');

function randomValue(random: Random): unknown {
  return pick(random, [
    1,
    0,
    -1,
    1.5,
    'text',
    'a text that is longer than thirteen characters',
    null,
    true,
    7n,
    { count: 3, list: [1, 'two'] },
    [],
    new Date(86_400_000),
    new Uint8Array([1, 2]),
    Math.floor(random.fraction() * 1e6),
  ]);
}

/** One random change to state and model alike. */
function step(random: Random, state: SubtaskState, model: Model): void {
  const operatorId = pick(random, operators);
  const operator = state.operator(operatorId);
  const key = pick(random, keys);
  const name = pick(random, names);
  operator.setCurrentKey(key, -1);
  const valueId = idOf(operatorId, name, canonicalKey(key));
  const dice = random.fraction();
  if (dice < 0.4) {
    const value = randomValue(random);
    operator.valueState(name).update(value);
    model.values.set(valueId, value);
  } else if (dice < 0.55) {
    operator.valueState(name).clear();
    model.values.delete(valueId);
  } else if (dice < 0.6) {
    expect(operator.valueState(name).value()).toEqual(model.values.get(valueId));
  } else if (dice < 0.95) timerStep(random, state, model, operatorId, key);
  else {
    const value = Math.floor(random.fraction() * 3);
    operator.setOperatorValue('positions', { offset: value });
    model.operatorValues.set(operatorId, { offset: value });
  }
}

function timerStep(random: Random, state: SubtaskState, model: Model, operatorId: string, key: Key): void {
  const { timers } = state.operator(operatorId);
  const time = Math.floor(random.fraction() * 40) - 5;
  const timerId = idOf(operatorId, canonicalKey(key), time);
  const dice = random.fraction();
  if (dice < 0.6) {
    timers.register(time);
    model.timers.set(timerId, { time, key });
  } else if (dice < 0.8) {
    timers.delete(time);
    model.timers.delete(timerId);
  } else {
    const expected = timersOf(model, operatorId)[0];
    expect(timers.earliest).toBe(expected?.time);
    const polled = timers.poll(10);
    if (expected === undefined || expected.time > 10) expect(polled).toBeUndefined();
    else {
      expect([polled, state.operator(operatorId).currentKey]).toEqual([expected.time, expected.key]);
      model.timers.delete(idOf(operatorId, canonicalKey(expected.key), expected.time));
    }
  }
}

const timersOf = (model: Model, operatorId: string) =>
  [...model.timers]
    .filter(([id]) => id.startsWith(idOf(operatorId)))
    .map(([, timer]) => timer)
    .sort((a, b) => a.time - b.time || compareCanonicalKeys(canonicalKey(a.key), canonicalKey(b.key)));

function expectedContent(model: Model): unknown {
  return operators.map((operatorId) => ({
    values: keys.map((key) => names.map((name) => model.values.get(idOf(operatorId, name, canonicalKey(key))))),
    operatorValues: [model.operatorValues.get(operatorId), undefined],
    timers: timersOf(model, operatorId).map(({ time, key }) => [time, key]),
  }));
}

const read = (state: SubtaskState) => contentOf(state, keys, names) as { readonly content: unknown; readonly entries: number };

/** A history of epochs, some of whose attempts are undone before or after the barrier, with a warm, a stale and a cold copy. */
function runHistory(seed: number, segmentsSoftMax: number): void {
  const random = seededRandom(seed);
  const options = { vertex: vertexOf(1, 16), subtask: 0, freeze: freezing(random), segmentsSoftMax };
  const shelf = new SegmentShelf();
  let warm = createSubtaskState(options);
  const stale = createSubtaskState(options);
  let committed: Model = { values: new Map(), timers: new Map(), operatorValues: new Map() };
  let attempt = 0;
  for (let checkpoint = 1; checkpoint <= 40; ) {
    attempt++;
    const model = copyOf(committed);
    warm.begin();
    for (let steps = Math.floor(random.fraction() * 20); steps > 0; steps--) step(random, warm, model);
    const fate = random.fraction();
    if (fate < 0.15) warm.undo();
    else {
      const of = { checkpoint, attempt, nonce: String(attempt) };
      const segment = warm.snapshot(of);
      const stored = segment && shelf.put(segment, checkpoint, attempt);
      if (fate < 0.3) warm.undo();
      else {
        shelf.commit(stored);
        warm.promote();
        committed = model;
        expect(warm.parent).toEqual({ checkpoint, attempt });
        expect(warm.segments).toBe(shelf.refs.length);
        checkpoint++;
      }
    }
    expect(read(warm).content).toEqual(expectedContent(committed));
    const cold = shelf.restore(options, warm.parent);
    expect(read(cold)).toEqual(read(warm));
    if (random.fraction() < 0.2) {
      shelf.catchUp(stale, warm.parent);
      expect(read(stale)).toEqual(read(warm));
    }
    if (random.fraction() < 0.2) warm = cold;
  }
}

describe('state under random histories', () => {
  it('equals the model, warm, stale and cold, whatever is undone', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => runHistory(seed, 128)),
      { numRuns: 40 },
    );
  });

  it('does so while compaction is under pressure', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => runHistory(seed, 3)),
      { numRuns: 40 },
    );
  });

  it('writes the same bytes from a warm copy and from one just loaded', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const options = { vertex: vertexOf(2, 16), subtask: 1, segmentsSoftMax: 4 };
        const shelf = new SegmentShelf();
        const warm = createSubtaskState(options);
        for (let checkpoint = 1; checkpoint <= 20; checkpoint++) {
          const cold = shelf.restore(options, warm.parent);
          const [one, other] = [warm, cold].map((state) => {
            const random = seededRandom(`${seed} ${checkpoint}`);
            state.begin();
            for (let steps = 0; steps < 10; steps++) blindStep(random, state);
            return state.snapshot({ checkpoint, attempt: checkpoint, nonce: 'n' });
          });
          expect(other).toEqual(one);
          shelf.commit(one && shelf.put(one, checkpoint, checkpoint));
          warm.promote();
        }
      }),
      { numRuns: 30 },
    );
  });
});

const keysOfSecondHalf = Array.from({ length: 40 }, (_, key) => key).filter((key) => keyGroupOf(key, 16) >= 8);

function blindStep(random: Random, state: SubtaskState): void {
  const operator = state.operator(pick(random, operators));
  operator.setCurrentKey(pick(random, keysOfSecondHalf), -1);
  const dice = random.fraction();
  const number = Math.floor(random.fraction() * 9);
  if (dice < 0.4) operator.valueState('total').update(number);
  else if (dice < 0.6) operator.valueState('total').clear();
  else if (dice < 0.8) operator.timers.register(number);
  else operator.timers.delete(number);
}
