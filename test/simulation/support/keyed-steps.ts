import {
  aggregatingState,
  type Collector,
  type DataStream,
  type DerivedStream,
  globalWindow,
  type Key,
  listState,
  mapState,
  maxWatermark,
  reducingState,
  type StateOptions,
  valueState,
} from '../../../src/index.ts';
import { type Item, keyOf, mix, numberOf, timeOf, withN } from './items.ts';
import type { Step } from './program-plan.ts';
import { oddOutput } from './side-output.ts';

type Stream = DataStream<Item> | DerivedStream<Item>;

/** What a key becomes as an item. */
const itemOf = (key: Key, n: number): Item => withN({ id: `of ${numberOf(key)}`, k: numberOf(key) % 8, n: 0, at: 0 }, n);

/** A running count: the same counts come out for a key, whichever of its items come first. */
export function count(from: Stream, { draws: [way, flavor] }: Step): DataStream<Item> {
  const key = keyOf(way!);
  const ones = from.map((item) => ({ ...itemOf(key(item), 1), n: 1 })).keyBy('id');
  return flavor! % 2 === 0 ? ones.sum('n') : ones.reduce((sum, { n }) => withN(sum, sum.n + n));
}

/** A running reduction, in the order in which items come. */
export function running(from: Stream, { draws: [way, flavor] }: Step): DataStream<Item> {
  const keyed = from.keyBy(keyOf(way!));
  switch (flavor! % 6) {
    case 0:
      return keyed.sum('n');
    case 1:
      return keyed.min('n');
    case 2:
      return keyed.max('at');
    case 3:
      return keyed.minBy('id');
    case 4:
      return keyed.maxBy('n');
    default:
      return keyed.reduce((all, item) => withN({ ...item, id: all.id }, mix(all.n, item.n)));
  }
}

/** The last of a running reduction, whatever the order: what lies between is dropped at the end of time. */
export function extreme(from: Stream, { draws: [way, flavor] }: Step, uid: string): DataStream<Item> {
  const keyed = from.keyBy(keyOf(way!));
  const reductions = [keyed.sum, keyed.min, keyed.max, keyed.minBy, keyed.maxBy] as const;
  const chosen = flavor! % reductions.length;
  const isLeast = chosen === 1 || chosen === 3;
  return reductions[chosen]!.call(keyed, 'n')
    .uid(`${uid}-running`)
    .keyBy(keyOf(way!))
    .process({
      state: { last: reducingState<number>({ reduce: (a, b) => (isLeast ? Math.min(a, b) : Math.max(a, b)) }) },
      onElement({ n }, { state, timers }) {
        state.last.add(n);
        timers.registerEventTimeTimer(maxWatermark);
      },
      onTimer: (_time, { key, state }, out: Collector<Item>) => out.collect(itemOf(key, state.last.get() ?? 0)),
    });
}

/** So long that nothing expires; but times are kept. */
const longMs = 10 ** 9;

const lastingOptions = (draw: number): StateOptions =>
  draw % 3 === 0 ? { ttl: { ms: longMs, update: draw % 2 === 0 ? 'onReadAndWrite' : 'onCreateAndWrite' } } : {};

/** All kinds of state, changed in ways whose order makes no difference, and emitted at the end of time. */
export function settle(from: Stream, { draws: [way, flavor, lasting] }: Step): DataStream<Item> {
  const options = lastingOptions(lasting!);
  const uses = (kind: number) => flavor! % 5 === kind || flavor! % 7 === kind;
  return from.keyBy(keyOf(way!)).process({
    state: {
      total: valueState<{ readonly items: number; readonly sum: number }>(options),
      ids: listState<string>(options),
      byN: mapState<number, number>(options),
      most: reducingState<number>({ ...options, reduce: (a, b) => Math.max(a, b) }),
      mean: aggregatingState({
        ...options,
        create: () => ({ sum: 0, count: 0n }),
        add: ({ sum, count: before }, n: number) => ({ sum: sum + n, count: before + 1n }),
        result: ({ sum, count: items }) => sum / Number(items),
      }),
    },
    onElement(item, { state, timers }) {
      const before = state.total.value() ?? { items: 0, sum: 0 };
      if (uses(0)) state.total.update({ items: before.items + 1, sum: before.sum + item.n });
      if (uses(1)) state.ids.add(item.id);
      if (uses(2)) state.byN.put(item.n % 10, (state.byN.get(item.n % 10) ?? 0) + 1);
      if (uses(3)) state.most.add(item.n);
      if (uses(4)) state.mean.add(item.n);
      timers.registerEventTimeTimer(maxWatermark);
    },
    onTimer(_time, { key, state, output }, out: Collector<Item>) {
      const all = {
        total: state.total.value(),
        ids: state.ids.get().toSorted(),
        byN: [...state.byN].map(([n, items]) => [n, items]).toSorted((a, b) => a[0]! - b[0]!),
        most: state.most.get(),
        mean: state.mean.get(),
      };
      const item = itemOf(key, numberOf(all as unknown as Key));
      if (item.n % 2 === 1) output(oddOutput, item);
      out.collect({ ...item, extra: all });
    },
  });
}

/** Sums by key and time, emitted as the watermark passes. */
export function window(from: Stream, { draws: [way, sizeDraw, flavor] }: Step): DataStream<Item> {
  const sizeMs = [250, 700, 1_500, 10_000][sizeDraw! % 4]!;
  return from.keyBy(keyOf(way!)).process({
    state: { sums: mapState<number, number>() },
    onElement(item, { state, timers, timestamp }) {
      const end = Math.floor(timeOf(item, timestamp) / sizeMs) * sizeMs + sizeMs - 1;
      state.sums.put(end, (state.sums.get(end) ?? 0) + item.n);
      timers.registerEventTimeTimer(end);
      if (flavor! % 5 === 0) timers.deleteEventTimeTimer(end + 1);
    },
    onTimer(time, { key, state, timestamp }, out: Collector<Item>) {
      out.collect({ ...itemOf(key, state.sums.get(time) ?? 0), at: timestamp ?? time });
      state.sums.delete(time);
    },
  });
}

/** All of a key's elements, or what they come to, at the end of time. */
export function globallyWindowed(from: Stream, { draws: [way, flavor], wild }: Step, uid: string): DataStream<Item> {
  const windowed = from.keyBy(keyOf(way!)).window(globalWindow());
  const emit = (key: Key, all: Key, output: (tag: typeof oddOutput, item: Item) => void, out: Collector<Item>) => {
    const item = itemOf(key, numberOf(all));
    if (item.n % 3 === 0) output(oddOutput, item);
    out.collect(item);
  };
  switch (flavor! % 4) {
    case 0:
      return windowed.process({
        process(items, { key, output }, out: Collector<Item>) {
          const ids = items.map(({ id, n }) => `${id} ${n}`);
          emit(key, wild ? ids : ids.toSorted(), output, out);
        },
      });
    case 1:
      return windowed.reduce((all, { n }) => withN(all, all.n + n), {
        state: { seen: listState<number>() },
        process([all], { key, state, output }, out: Collector<Item>) {
          state.seen.add(all!.n);
          emit(key, [...state.seen.get()], output, out);
        },
      });
    case 2:
      if (wild) return windowed.maxBy('n');
      return windowed
        .max('n')
        .uid(`${uid}-elements`)
        .map(({ k, n }) => itemOf(keyOf(way!)({ k }), n));
    default:
      return windowed
        .aggregate({
          create: () => ({ sum: 0n, k: -1 }),
          add: ({ sum }, { k, n }: Item) => ({ sum: sum + BigInt(n), k }),
          result: ({ sum, k }) => ({ sum: Number(sum), k }),
        })
        .uid(`${uid}-elements`)
        .map(({ sum, k }) => itemOf(keyOf(way!)({ k }), sum));
  }
}

/** Two streams that meet by key: sums and ids of each, at the end of time; or, if wild, as they come. */
export function keyedConnect(one: Stream, other: Stream, { draws: [way, flavor], wild }: Step): DataStream<Item> {
  return one
    .keyBy(keyOf(way!))
    .connect(other.keyBy(keyOf(way!)))
    .process({
      state: { first: valueState<number>(), second: listState<string>(lastingOptions(flavor!)) },
      onElement1(item, { state, timers }, out: Collector<Item>) {
        state.first.update((state.first.value() ?? 0) + item.n);
        timers.registerEventTimeTimer(maxWatermark);
        if (wild) out.collect(withN(item, mix(state.second.get().length, item.n)));
      },
      onElement2(item, { state, timers, timestamp }, out: Collector<Item>) {
        state.second.add(item.id);
        timers.registerEventTimeTimer(maxWatermark);
        if (!wild) return;
        timers.registerEventTimeTimer(timeOf(item, timestamp) + (item.n % 500));
        out.collect(withN(item, state.first.value() ?? 0));
      },
      onTimer(time, { key, state }, out: Collector<Item>) {
        const all: Key = [state.first.value() ?? -1, ...state.second.get().toSorted()];
        out.collect({ ...itemOf(key, numberOf(all)), extra: all });
        if (time < maxWatermark) state.second.clear();
      },
    });
}
