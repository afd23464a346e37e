// Random histories of lists, maps, reductions and times to live against a model of plain arrays and maps. Catches: undo
// that loses an element, a place or a time; deltas that give another order when they are applied; state that comes back
// after it has expired; warm copies that write other bytes than cold ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { createSubtaskState, type SubtaskState } from '../../src/state/index.ts';
import type { ListState, MapState, StateTtl, ValueState } from '../../src/stream/state.ts';
import { aggregatingState, listState, mapState, reducingState, valueState } from '../../src/stream/state.ts';
import { canonicalKey } from '../../src/values/canonical-key.ts';
import type { Key } from '../../src/values/key.ts';
import { freezing, operatorA, pick, SegmentShelf, vertexOf } from './fixtures.ts';

const onWrite: StateTtl = { ms: 30 };
const onRead: StateTtl = { ms: 30, update: 'onReadAndWrite' };
type Small = readonly string[] | { readonly f: number } | string | number;

const declarations = {
  value: valueState<unknown>(),
  agedValue: valueState<unknown>({ ttl: onWrite }),
  freshValue: valueState<unknown>({ ttl: onRead }),
  list: listState<unknown>(),
  agedList: listState<unknown>({ ttl: onWrite }),
  freshList: listState<unknown>({ ttl: onRead }),
  map: mapState<Small, unknown>(),
  agedMap: mapState<Small, unknown>({ ttl: onWrite }),
  freshMap: mapState<Small, unknown>({ ttl: onRead }),
  sum: reducingState<number>({ reduce: (a, b) => a + b, ttl: onWrite }),
  mean: aggregatingState({
    create: () => ({ count: 0, sum: 0 }),
    add: ({ count, sum }, value: number) => ({ count: count + 1, sum: sum + value }),
    result: ({ count, sum }) => sum / count,
  }),
};
type Name = keyof typeof declarations;
const names = Object.keys(declarations) as Name[];
const keys: readonly Key[] = ['JFK', 0, ['a', 1], 'a key that is longer than thirteen characters', true];
const mapKeys: readonly Small[] = ['x', 'y', 1, 2, -3.5, ['a', 'b'], { f: 1 }, 'a map key that is longer than thirteen'];

interface Timed {
  readonly key: Key;
  readonly value: unknown;
  readonly time: number;
}
/** Of each state and key what is there, in order; of a value at most one. */
type Model = ReadonlyMap<string, readonly Timed[]>;

class ModelAttempt {
  readonly content: Map<string, readonly Timed[]>;
  readonly stamp: number;

  constructor(model: Model, stamp: number) {
    this.content = new Map(model);
    this.stamp = stamp;
  }

  get(name: Name, key: Key): readonly Timed[] {
    const ttl = declarations[name].ttl;
    const all = this.content.get(`${name} ${String(canonicalKey(key))}`) ?? [];
    return ttl === undefined ? all : all.filter(({ time }) => time + ttl.ms > this.stamp);
  }

  set(name: Name, key: Key, entries: readonly Timed[]): void {
    this.content.set(`${name} ${String(canonicalKey(key))}`, entries);
  }

  timed(value: unknown, key: Key = ''): Timed {
    return { key, value, time: this.stamp };
  }

  /** What a look at all of it gives, and does. */
  look(name: Name, key: Key): readonly Timed[] {
    const entries = this.get(name, key);
    if (declarations[name].ttl === onRead)
      this.set(
        name,
        key,
        entries.map((each) => this.timed(each.value, each.key)),
      );
    return entries;
  }
}

function randomValue(random: Random): unknown {
  return pick(random, [0, 1.5, 'text', 'a text that is longer than thirteen characters', null, { a: [1, 'two'] }, new Date(5), 7n]);
}

/** One random change, or a look, to state and model alike. */
function step(random: Random, state: SubtaskState, model: ModelAttempt): void {
  const operator = state.operator(operatorA);
  const key = pick(random, keys);
  const name = pick(random, names);
  operator.setCurrentKey(key, -1);
  const declaration = declarations[name];
  switch (declaration.kind) {
    case 'value':
      valueStep(random, operator.state(name, declaration), model, name, key);
      break;
    case 'list':
      listStep(random, operator.state(name, declaration), model, name, key);
      break;
    case 'map':
      mapStep(random, operator.state(name, declaration), model, name, key);
      break;
    case 'reducing': {
      const sum = operator.state(name, declaration);
      if (random.fraction() < 0.1) sum.clear();
      else sum.add(2);
      model.set(name, key, sum.get() === undefined ? [] : [model.timed(((model.get(name, key)[0]?.value as number) ?? 0) + 2)]);
      break;
    }
    case 'aggregating': {
      const added = Math.floor(random.fraction() * 5);
      const before = (model.get(name, key)[0]?.value ?? { count: 0, sum: 0 }) as { readonly count: number; readonly sum: number };
      operator.state(name, declaration).add(added);
      model.set(name, key, [model.timed({ count: before.count + 1, sum: before.sum + added })]);
    }
  }
}

function valueStep(random: Random, state: ValueState<unknown>, model: ModelAttempt, name: Name, key: Key): void {
  const dice = random.fraction();
  if (dice < 0.6) {
    const value = randomValue(random);
    state.update(value);
    model.set(name, key, [model.timed(value)]);
  } else if (dice < 0.8) {
    state.clear();
    model.set(name, key, []);
  } else expect(state.value()).toEqual(model.look(name, key)[0]?.value);
}

function listStep(random: Random, state: ListState<unknown>, model: ModelAttempt, name: Name, key: Key): void {
  const dice = random.fraction();
  const values = Array.from({ length: Math.floor(random.fraction() * 4) }, () => randomValue(random));
  const timed = values.map((value) => model.timed(value));
  if (dice < 0.4) {
    const value = randomValue(random);
    state.add(value);
    model.set(name, key, [...model.get(name, key), model.timed(value)]);
  } else if (dice < 0.6) {
    state.addAll(values);
    model.set(name, key, [...model.get(name, key), ...timed]);
  } else if (dice < 0.7) {
    state.update(values);
    model.set(name, key, timed);
  } else if (dice < 0.75) {
    state.clear();
    model.set(name, key, []);
  } else {
    const expected = model.look(name, key).map(({ value }) => value);
    const given = state.get();
    expect(given).toEqual(expected);
    // What was given out stays as it is.
    state.add('more');
    model.set(name, key, [...model.get(name, key), model.timed('more')]);
    expect(given).toEqual(expected);
  }
}

function mapStep(random: Random, state: MapState<Small, unknown>, model: ModelAttempt, name: Name, key: Key): void {
  const dice = random.fraction();
  const mapKey = pick(random, mapKeys);
  const isIt = (entry: Timed) => canonicalKey(entry.key) === canonicalKey(mapKey);
  const before = model.get(name, key);
  if (dice < 0.45) {
    const value = randomValue(random);
    state.put(mapKey, value);
    const put = model.timed(value, mapKey);
    model.set(name, key, before.some(isIt) ? before.map((entry) => (isIt(entry) ? put : entry)) : [...before, put]);
  } else if (dice < 0.7) {
    state.delete(mapKey);
    model.set(
      name,
      key,
      before.filter((entry) => !isIt(entry)),
    );
  } else if (dice < 0.74) {
    state.clear();
    model.set(name, key, []);
  } else if (dice < 0.9) {
    const found = before.find(isIt);
    expect(state.size).toBe(before.length);
    expect(state.isEmpty()).toBe(before.length === 0);
    expect(random.fraction() < 0.5 ? state.get(mapKey) : state.has(mapKey) ? found?.value : undefined).toEqual(found?.value);
    if (found !== undefined && declarations[name].ttl === onRead)
      model.set(
        name,
        key,
        before.map((entry) => (isIt(entry) ? model.timed(entry.value, entry.key) : entry)),
      );
  } else expect([...state]).toEqual(model.look(name, key).map((entry) => [entry.key, entry.value]));
}

/** Everything that can be seen, in an attempt that is taken back. */
function contentOf(state: SubtaskState, stamp: number): unknown {
  const operator = state.operator(operatorA);
  state.begin(stamp);
  const content = keys.map((key) => {
    operator.setCurrentKey(key, -1);
    return names.map((name) => {
      const declaration = declarations[name];
      switch (declaration.kind) {
        case 'value':
          return operator.state(name, declaration).value();
        case 'list':
          return [...operator.state(name, declaration).get()];
        case 'map':
          return [...operator.state(name, declaration).entries()];
        case 'reducing':
          return operator.state(name, declaration).get();
        default:
          return operator.state(name, declaration).get();
      }
    });
  });
  state.undo();
  return content;
}

function expectedContent(model: Model, stamp: number): unknown {
  const attempt = new ModelAttempt(model, stamp);
  return keys.map((key) =>
    names.map((name) => {
      const entries = attempt.get(name, key);
      switch (declarations[name].kind) {
        case 'list':
          return entries.map(({ value }) => value);
        case 'map':
          return entries.map((entry) => [entry.key, entry.value]);
        case 'aggregating': {
          const { count, sum } = (entries[0]?.value ?? { count: 0, sum: 0 }) as { readonly count: number; readonly sum: number };
          return count === 0 ? undefined : sum / count;
        }
        default:
          return entries[0]?.value;
      }
    }),
  );
}

const sizesOf = ({ entries, bytes, segments }: SubtaskState) => ({ entries, bytes, segments });

function runHistory(seed: number, segmentsSoftMax: number): void {
  const random = seededRandom(seed);
  const options = { vertex: vertexOf(1, 8), subtask: 0, freeze: freezing(random), segmentsSoftMax };
  const shelf = new SegmentShelf();
  let warm = createSubtaskState(options);
  const stale = createSubtaskState(options);
  let committed: Model = new Map();
  let stamp = 1_000;
  let attempt = 0;
  for (let checkpoint = 1; checkpoint <= 40; ) {
    attempt++;
    stamp += Math.floor(random.fraction() * 12);
    const model = new ModelAttempt(committed, stamp);
    warm.begin(stamp);
    for (let steps = Math.floor(random.fraction() * 25); steps > 0; steps--) step(random, warm, model);
    const fate = random.fraction();
    if (fate < 0.15) warm.undo();
    else {
      const segment = warm.snapshot({ checkpoint, attempt, nonce: String(attempt) });
      const stored = segment && shelf.put(segment, checkpoint, attempt);
      if (fate < 0.3) warm.undo();
      else {
        shelf.commit(stored);
        warm.promote();
        committed = model.content;
        checkpoint++;
      }
    }
    const cold = shelf.restore(options, warm.parent);
    expect(sizesOf(cold)).toEqual(sizesOf(warm));
    const expected = expectedContent(committed, stamp);
    expect(contentOf(warm, stamp)).toEqual(expected);
    expect(contentOf(cold, stamp)).toEqual(expected);
    if (random.fraction() < 0.2) {
      shelf.catchUp(stale, warm.parent);
      expect(sizesOf(stale)).toEqual(sizesOf(warm));
      expect(contentOf(stale, stamp)).toEqual(expected);
    }
    if (random.fraction() < 0.2) warm = cold;
  }
}

describe('lists, maps and times to live under random histories', () => {
  it('equal the model, warm, stale and cold, whatever is undone', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => runHistory(seed, 128)),
      { numRuns: 40 },
    );
  });

  it('do so while compaction is under pressure', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => runHistory(seed, 3)),
      { numRuns: 40 },
    );
  });

  it('are written in the same bytes by a warm copy and by one just loaded', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const options = { vertex: vertexOf(1, 8), subtask: 0, segmentsSoftMax: 4 };
        const shelf = new SegmentShelf();
        const warm = createSubtaskState(options);
        for (let checkpoint = 1; checkpoint <= 20; checkpoint++) {
          const cold = shelf.restore(options, warm.parent);
          const [one, other] = [warm, cold].map((state) => {
            const random = seededRandom(`${seed} ${checkpoint}`);
            state.begin(checkpoint * 10);
            for (const name of names) state.operator(operatorA).state(name, declarations[name]);
            for (let steps = 0; steps < 12; steps++) blindStep(random, state);
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

function blindStep(random: Random, state: SubtaskState): void {
  const operator = state.operator(operatorA);
  operator.setCurrentKey(pick(random, keys), -1);
  const list = operator.state('freshList', declarations.freshList);
  const map = operator.state('agedMap', declarations.agedMap);
  const dice = random.fraction();
  const mapKey = pick(random, mapKeys);
  if (dice < 0.3) list.add(mapKey);
  else if (dice < 0.35) list.clear();
  else if (dice < 0.45) list.get();
  else if (dice < 0.7) map.put(mapKey, dice);
  else if (dice < 0.8) map.delete(mapKey);
  else if (dice < 0.83) map.clear();
  else operator.state('agedValue', declarations.agedValue).update(dice);
}
