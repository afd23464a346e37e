import {
  aggregatingState,
  type Collector,
  type DataStream,
  type DerivedStream,
  type ElementContext,
  type Key,
  listState,
  mapState,
  maxWatermark,
  reducingState,
  type StateOptions,
  valueState,
} from '../../../src/index.ts';
import { type Item, keyOf, mix, numberOf, payload, timeOf, withN } from './items.ts';
import type { Step } from './program-plan.ts';
import { oddOutput } from './side-output.ts';

/** Up to a few epochs; some of the states without one. */
const ttlOptions = (draw: number): StateOptions =>
  draw % 2 === 0 ? { ttl: { ms: 1 + (draw % 4_000), update: draw % 3 === 0 ? 'onReadAndWrite' : 'onCreateAndWrite' } } : {};

const statesOf = (draw: number) => ({
  value: valueState<unknown>(ttlOptions(draw)),
  list: listState<unknown>(ttlOptions(mix(draw, 1))),
  map: mapState<Key, unknown>(ttlOptions(mix(draw, 2))),
  reducing: reducingState<number>({ ...ttlOptions(mix(draw, 3)), reduce: (a, b) => mix(a, b) }),
  aggregating: aggregatingState({
    ...ttlOptions(mix(draw, 4)),
    create: () => ({ items: [] as readonly number[] }),
    add: ({ items }, n: number) => ({ items: [...items.slice(-4), n] }),
    result: ({ items }) => items.reduce(mix, items.length),
  }),
});

type Context = ElementContext<Key, ReturnType<typeof statesOf>>;

/** Everything that keyed state and timers can do, as items and draws have it, and a look at it all. */
export function chaos(from: DataStream<Item> | DerivedStream<Item>, { draws: [way, draw, flavor] }: Step): DataStream<Item> {
  return from.keyBy(keyOf(way!)).process({
    state: statesOf(draw!),
    onElement(item, context, out: Collector<Item>) {
      const word = mix(item.n + item.k * 31, draw!);
      for (let turn = 0; turn <= word % 8; turn++) changeState(context, mix(word, turn), flavor!);
      if (word % 3 === 0) changeTimers(context, item, mix(word, 9));
      emit(context, item, flavor!, out);
    },
    onTimer(time, context, out: Collector<Item>) {
      const { timers, timeDomain } = context;
      const word = mix(time % 1_000_003, draw!);
      changeState(context, word, flavor!);
      if (timeDomain === 'eventTime' && time < 20_000 && word % 2 === 0) timers.registerEventTimeTimer(time + 1 + (word % 900));
      if (timeDomain === 'processingTime' && word % 3 === 0)
        timers.registerProcessingTimeTimer(timers.currentProcessingTime + 1 + (word % 2_500));
      emit(context, { id: `${timeDomain} of ${numberOf(context.key)}`, k: word % 8, n: word % 1009, at: word % 5_000 }, flavor!, out);
    },
  });
}

type Change = (state: Context['state'], word: number, entry: Key) => void;

const changes: readonly Change[] = [
  ({ value }, word) => value.update(payload(word % 50)),
  ({ value }, word) => value.update(payload(word % 9)),
  ({ value }) => value.clear(),
  ({ list }, word) => list.add(payload(word % 40)),
  ({ list }, word) => list.add(word),
  ({ list }, word) => list.addAll([word % 7, payload(word % 11)]),
  ({ list }, word) => list.update(list.get().slice(word % 3)),
  ({ list }, word) => list.update([word % 2, payload(word % 4)]),
  ({ list }) => list.clear(),
  ({ map }, word, entry) => map.put(entry, payload(word % 30)),
  ({ map }, word, entry) => map.put(entry, word % 3),
  ({ map }, _word, entry) => map.delete(entry),
  ({ map }) => map.clear(),
  ({ map }, word, entry) => {
    map.putAll([
      [entry, word % 3],
      [word % 4, `${word % 5}`],
    ]);
  },
  ({ map }, word) => {
    for (const key of map.keys()) if (numberOf(key) % 3 === word % 3) map.delete(key);
  },
  ({ reducing }, word) => reducing.add(word % 101),
  ({ reducing }) => reducing.add(7),
  ({ reducing }) => reducing.clear(),
  ({ aggregating }, word) => aggregating.add(word % 103),
  ({ aggregating }) => aggregating.clear(),
];

/** A map has keys of two kinds, and few of each: so that what was deleted is put again. */
function changeState({ state }: Context, word: number, flavor: number): void {
  const change = mix(word, 5);
  changes[change % changes.length]!(state, word, keyOf(flavor + (word % 2))({ k: word % 5 }));
}

type TimerChange = (timers: Context['timers'], time: number, word: number) => void;

const timerChanges: readonly TimerChange[] = [
  (timers) => timers.registerEventTimeTimer(maxWatermark),
  (timers, time) => timers.registerEventTimeTimer(time + 200),
  (timers, time, word) => timers.registerEventTimeTimer(time - 50 + (word % 900)),
  (timers, time) => timers.deleteEventTimeTimer(time + 200),
  (timers, _time, word) => timers.registerProcessingTimeTimer(timers.currentProcessingTime + (word % 3_000)),
  (timers) => timers.registerProcessingTimeTimer(Math.ceil((timers.currentProcessingTime + 500) / 2_000) * 2_000),
  // As the one before, where it is of the same epoch.
  (timers) => timers.deleteProcessingTimeTimer(Math.ceil((timers.currentProcessingTime + 500) / 2_000) * 2_000),
];

function changeTimers({ timers, timestamp }: Context, item: Item, word: number): void {
  const watermark = Math.min(timers.currentWatermark ?? 0, 30_000);
  timerChanges[word % timerChanges.length]!(timers, Math.max(timeOf(item, timestamp), watermark), word);
}

function emit({ key, state, timestamp, timers, output }: Context, item: Item, flavor: number, out: Collector<Item>): void {
  const all = [
    state.value.value() ?? 'none',
    flavor % 2 === 0 ? state.list.get() : [],
    flavor % 3 !== 0 ? [...state.map] : state.map.size,
    state.reducing.get() ?? -1,
    state.aggregating.get() ?? -2,
    timestamp ?? -3,
    timers.currentWatermark ?? -4,
    state.map.isEmpty(),
  ];
  const digest = mix(numberOf(all as unknown as Key), numberOf(key));
  if (digest % 5 === 0) output(oddOutput, withN({ ...item, extra: all }, digest));
  if (digest % 7 !== 0) out.collect(withN({ ...item, extra: flavor % 4 === 0 ? all : digest }, digest));
  if (digest % 11 === 0) out.collect(withN(item, digest + 1));
}
