import { type Collector, defineJob, maxWatermark, valueState } from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { type CollectSink, collectSink } from '../../src/testing/collect-sink.ts';
import { type FromElementsOptions, fromElements } from '../../src/testing/from-elements.ts';

/** A job for simulations, with the sink its output can be read from and the sink's uid. */
export interface SimulatedJob {
  readonly name: string;
  readonly definition: JobDefinition;
  readonly sink: CollectSink<unknown>;
}

interface Flight {
  readonly origin: string;
  readonly delay: number;
  readonly at: number;
}

const airports = ['SFO', 'LAX', 'JFK', 'ORD', 'ATL', 'DFW', 'SEA'];

/** In the order of their times, as many as asked. */
const flights = (count: number): readonly Flight[] =>
  Array.from({ length: count }, (_, index) => ({
    origin: airports[(index * 5 + (index >> 2)) % airports.length]!,
    delay: ((index * 37) % 61) - 10,
    at: index * 1_000,
  }));

/** How the input falls into epochs. */
export type Epochs = Pick<FromElementsOptions, 'recordsPerSecond' | 'irregular' | 'splits'>;

export const job = <Args>(name: string, sink: CollectSink<unknown>, definition: JobDefinition<Args>): SimulatedJob => ({
  name,
  sink,
  definition: definition as JobDefinition,
});

interface Total {
  readonly flights: number;
  readonly delay: number;
  readonly worst: number;
}

/** Totals by key, emitted by a timer at the end of time. */
export function delaysByAirport(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('delays');
  const definition = defineJob({
    name: 'delays',
    build(env) {
      env
        .fromSource(fromElements(flights(count), epochs), { timestamp: (flight) => flight.at })
        .uid('flights')
        .keyBy('origin')
        .process({
          state: { total: valueState<Total>() },
          onElement(flight, { state, timers }) {
            const total = state.total.value() ?? { flights: 0, delay: 0, worst: Number.MIN_SAFE_INTEGER };
            state.total.update({
              flights: total.flights + 1,
              delay: total.delay + flight.delay,
              worst: Math.max(total.worst, flight.delay),
            });
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer(_time, { key, state }, out: Collector<unknown>) {
            out.collect({ airport: key, ...state.total.value() });
          },
        })
        .uid('totals')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('totals by airport', sink, definition);
}

/** Three levels: a running count by word, then one by the word's length; nothing keeps to itself. */
export function countsOfCounts(count: number, epochs: Epochs, sinkUid = 'out'): SimulatedJob {
  const sink = collectSink<unknown>('counts');
  const lines = flights(count).map((flight) => `${flight.origin} ${flight.delay % 7} delayed`);
  const definition = defineJob({
    name: 'counts',
    build(env) {
      env
        .fromSource(fromElements(lines, epochs))
        .uid('lines')
        .flatMap((line, out: Collector<string>) => {
          for (const word of line.split(' ')) out.collect(word);
        })
        .filter((word) => word !== '3')
        .map((word) => ({ word, count: 1 }))
        .keyBy('word')
        .reduce((sum, each) => ({ word: sum.word, count: sum.count + each.count }))
        .uid('by word')
        .keyBy((each) => each.word.length)
        .process({
          state: { seen: valueState<number>() },
          onElement(_each, { key, state }, out: Collector<unknown>) {
            const seen = (state.seen.value() ?? 0) + 1;
            state.seen.update(seen);
            out.collect({ length: key, seen });
          },
        })
        .uid('by length')
        .sinkTo(sink)
        .uid(sinkUid);
    },
  });
  return job('counts of counts', sink, definition);
}

/** Event time: counts by key and ten seconds, emitted as the watermark passes, then forgotten. */
export function countsByTime(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('windows');
  const windowMs = 10_000;
  const definition = defineJob({
    name: 'windows',
    build(env) {
      env
        .fromSource(fromElements(flights(count), epochs), { timestamp: (flight) => flight.at, maxOutOfOrdernessMs: 2_000 })
        .uid('flights')
        .keyBy('origin')
        .process({
          state: { counts: valueState<{ readonly [end: string]: number }>() },
          onElement(flight, { state, timers }) {
            const end = Math.floor(flight.at / windowMs) * windowMs + windowMs - 1;
            const counts = state.counts.value() ?? {};
            state.counts.update({ ...counts, [end]: (counts[end] ?? 0) + 1 });
            timers.registerEventTimeTimer(end);
          },
          onTimer(time, { key, state }, out: Collector<unknown>) {
            const { [time]: total, ...rest } = state.counts.value() ?? {};
            if (Object.keys(rest).length === 0) state.counts.clear();
            else state.counts.update(rest);
            out.collect({ airport: key, until: time, flights: total });
          },
        })
        .uid('windows')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('counts by time', sink, definition);
}

/** One level: source, chain and sink in one, so that what is staged depends on when it was read. */
export function straightThrough(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('copies');
  const definition = defineJob({
    name: 'copies',
    build(env) {
      env
        .fromSource(fromElements(flights(count), epochs))
        .uid('flights')
        .filter((flight) => flight.origin !== 'SEA')
        .map((flight) => ({ origin: flight.origin, minutes: flight.delay }))
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('straight through', sink, definition);
}

/** A running count by airport, whose function throws when it first sees the flights with these indexes. */
export function failingAt(
  indexes: readonly number[],
  count: number,
  epochs: Epochs,
): SimulatedJob & { readonly expected: readonly unknown[] } {
  const sink = collectSink<unknown>('failing');
  const waiting = new Set(indexes);
  const numbered = flights(count).map((flight, index) => ({ origin: flight.origin, index }));
  const definition = defineJob({
    name: 'failing',
    build(env) {
      env
        .fromSource(fromElements(numbered, epochs))
        .uid('flights')
        .keyBy('origin')
        .process({
          state: { seen: valueState<number>() },
          onElement({ index }, { key, state }, out: Collector<unknown>) {
            state.seen.update((state.seen.value() ?? 0) + 1);
            if (waiting.delete(index)) throw new TypeError(`flight ${index} is not welcome yet`);
            out.collect({ airport: key, seen: state.seen.value() });
          },
        })
        .uid('seen')
        .sinkTo(sink)
        .uid('out');
    },
  });
  const seen = new Map<string, number>();
  const expected = numbered.map(({ origin: airport }) => {
    seen.set(airport, (seen.get(airport) ?? 0) + 1);
    return { airport, seen: seen.get(airport) };
  });
  return { ...job('failing', sink, definition), expected };
}
