import {
  type Accumulator,
  averageAccumulator,
  type BroadcastStream,
  broadcastMapState,
  type Collector,
  type DataStream,
  type DerivedStream,
  histogram,
  type Key,
  listState,
  longCounter,
  mapState,
  maxWatermark,
  splitListState,
  unionListState,
} from '../../../src/index.ts';
import { type Item, keyOf, mix, numberOf, payload, withN } from './items.ts';
import type { Step } from './program-plan.ts';
import { oddOutput } from './side-output.ts';

type Stream = DataStream<Item> | DerivedStream<Item>;

export function map(from: Stream, { draws: [flavor, a, b], wild }: Step): DataStream<Item> {
  switch (flavor! % 5) {
    case 0:
      return from.map((item) => withN(item, mix(item.n, a!)));
    case 1:
      return from.map((item) => ({ ...item, k: (item.k + item.n + a!) % (1 + (b! % 9)) }));
    case 2:
      return from.map((item) => ({ ...item, extra: payload(item.n) }));
    case 3:
      return from.map(({ id, k, n, at }) => ({ at, n, k, id: `${id}'` }));
    default:
      return from.map({
        operatorState: { seen: splitListState<number>() },
        map(item, { operatorState: { seen } }) {
          const number = (seen.get()[0] ?? 0) + 1;
          seen.update(number % 7 === 0 ? [] : [number, item.n]);
          return wild ? withN(item, item.n + number) : { ...item };
        },
      });
  }
}

export function filter(from: Stream, { draws: [flavor, a], wild }: Step): DataStream<Item> {
  const divisor = 2 + (a! % 5);
  if (flavor! % 3 !== 0) return from.filter((item) => item.n % divisor !== 0);
  return from.filter({
    operatorState: { lately: unionListState<number>() },
    filter(item, { operatorState: { lately } }) {
      const known = lately.get().includes(item.n % 10);
      if (lately.get().length > 3) lately.clear();
      lately.addAll([item.n % 10]);
      return wild ? !known : item.n % divisor !== 0;
    },
  });
}

export function flatMap(from: Stream, { draws: [flavor, a], wild }: Step): DataStream<Item> {
  if (flavor! % 3 !== 0) {
    return from.flatMap((item, out: Collector<Item>) => {
      for (let copy = 0; copy < (item.n + a!) % 3; copy++) out.collect(withN({ ...item, k: (item.k + copy) % 8 }, item.n + copy * a!));
    });
  }
  return from.flatMap({
    operatorState: { waiting: splitListState<Item>() },
    flatMap(item, out: Collector<Item>, { operatorState: { waiting } }) {
      if (!wild) {
        waiting.update(item.n % 2 === 0 ? [] : [item]);
        out.collect(item);
        return;
      }
      waiting.add(item);
      if (waiting.get().length < 3) return;
      for (const each of waiting.get()) out.collect(each);
      waiting.clear();
    },
  });
}

export function process(from: Stream, { draws: [flavor, a], wild, timed }: Step): DataStream<Item> {
  let seen: Accumulator | undefined;
  return from.process({
    open(context) {
      seen = context.addAccumulator(`seen ${flavor! % 3}`, [longCounter, histogram, averageAccumulator][flavor! % 3]!());
    },
    operatorState: { last: unionListState<number>(), all: splitListState<string>(), byK: broadcastMapState<number, number>() },
    onElement(item, { timestamp, output, operatorState: { last, all, byK } }, out: Collector<Item>) {
      seen?.add(item.n % 10);
      if (flavor! % 4 === 0) last.update([item.n, ...last.get().slice(0, 2)]);
      if (flavor! % 5 === 0) all.addAll(item.n % 3 === 0 ? [item.id, 'and'] : []);
      if (flavor! % 3 === 0) byK.put(item.k, (byK.get(item.k) ?? 0) + 1);
      if (flavor! % 9 === 0 && item.n % 5 === 0) byK.delete(item.k);
      if ((item.n + a!) % 3 === 0) output(oddOutput, { ...item, n: item.n });
      if (wild) out.collect(withN(item, numberOf([...last.get(), ...all.get(), ...byK.keys()])));
      else if (timed && flavor! % 2 === 0) out.collect({ ...item, at: timestamp ?? item.at });
      else if (item.n % 4 !== 0) out.collect(item);
    },
  });
}

/**
 * Throws at some items the first time that anybody sees them, `tripped` being empty at first: by the time that a reference
 * comes to them, they are known. Nothing without `tripped`.
 */
export function flaky(from: Stream, { draws: [a] }: Step, tripped: Set<string> | undefined): DataStream<Item> {
  return from.map((item) => {
    const place = `${item.id} ${item.n}`;
    const trips = tripped !== undefined && tripped.size < tripsMax && (item.n + a!) % 5 === 0;
    if (!trips || tripped.has(place)) return item;
    tripped.add(place);
    throw new Error(`stumbled over ${place}`);
  });
}

const tripsMax = 4;

/** Two streams in one function that keeps nothing. */
export function connect(one: Stream, other: Stream, { draws: [a] }: Step): DataStream<Item> {
  return one.connect(other as DerivedStream<Item>).process({
    onElement1: (item, _context, out: Collector<Item>) => out.collect(withN(item, item.n + a!)),
    onElement2(item, { output }, out: Collector<Item>) {
      if (item.n % 2 === 1) output(oddOutput, item);
      out.collect({ ...item, id: `2${item.id}` });
    },
  });
}

/** A stream beside one that all subtasks get; only if wild, what comes out depends on who came first. */
export function broadcast(one: Stream, other: BroadcastStream<Item>, { wild }: Step): DataStream<Item> {
  return one.connect(other).process({
    broadcastState: { rules: mapState<Key, number>() },
    onElement(item, { broadcastState: { rules } }, out: Collector<Item>) {
      out.collect(wild ? withN(item, numberOf([...rules].map(([, n]) => n))) : withN(item, item.n * 3));
    },
    onBroadcast(item, { broadcastState: { rules } }, out: Collector<Item>) {
      if (wild && item.n % 5 === 0) rules.delete(item.k);
      else if (wild && item.n % 23 === 0) rules.clear();
      else rules.put(keyOf(item.k)(item), wild ? item.n : item.k * 7);
      if (wild && item.n % 4 === 0) out.collect(withN(item, rules.size));
    },
  });
}

/** The same of a keyed stream: what it kept, and the rules that there are at the end. */
export function keyedBroadcast(one: Stream, other: BroadcastStream<Item>, { draws: [way, flavor], wild }: Step): DataStream<Item> {
  return one
    .keyBy(keyOf(way!))
    .connect(other)
    .process({
      state: { kept: listState<number>() },
      broadcastState: { rules: mapState<Key, number>(), more: mapState<string, string>() },
      onElement(item, { state, timers, broadcastState: { rules } }, out: Collector<Item>) {
        state.kept.add(item.n);
        timers.registerEventTimeTimer(wild && flavor! % 2 === 0 ? item.at + 300 : maxWatermark);
        if (wild) out.collect(withN(item, mix(rules.size, state.kept.get().length)));
      },
      onBroadcast({ k, n }, { broadcastState: { rules, more } }) {
        rules.put(k, wild ? n : k + 1);
        more.put(`${k}`, 'x');
        if (wild && n % 6 === 0) more.clear();
      },
      onTimer(_time, { key, state, broadcastState: { rules, more } }, out: Collector<Item>) {
        const known = [...rules].map(([k, n]) => [k, n] as const).toSorted(([a], [b]) => Number(a) - Number(b));
        const all: Key = [known, [...more.keys()].toSorted(), state.kept.get().toSorted((a, b) => a - b)];
        out.collect({ id: `kept ${numberOf(key)}`, k: numberOf(key) % 8, n: numberOf(all) % 1009, at: 0 });
      },
    });
}
