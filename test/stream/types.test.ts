import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type {
  AggregatingState,
  BroadcastStream,
  Collector,
  DataStream,
  DataStreamSink,
  DerivedStream,
  ElementContext,
  GlobalWindow,
  Immutable,
  ListState,
  MapState,
  ReducingState,
  StateHandle,
  WindowedStream,
} from '../../src/index.ts';
import {
  aggregatingState,
  broadcastMapState,
  defineJob,
  globalWindow,
  listState,
  mapState,
  outputTag,
  reducingState,
  splitListState,
  subtaskState,
  unionListState,
  valueState,
} from '../../src/index.ts';
import { Environment } from '../../src/stream/environment.ts';
import { GraphBuilder } from '../../src/stream/graph-builder.ts';
import { recordsOf, sinkOf } from './sources-and-sinks.ts';

// Checked by the compiler; that nothing is thrown when it runs is the smaller part.

interface Flight {
  origin: string;
  distance: number;
  delay?: number;
  at: Date;
  legs: { to: string }[];
}

interface Total {
  readonly count: number;
  readonly legs: { to: string }[];
}

interface Result {
  readonly origin: string;
  readonly count: number;
}

const inBuild = (build: (env: Environment) => void): void => {
  const graph = new GraphBuilder('types', 1, undefined);
  build(new Environment(graph, 1));
  graph.finish();
};

test('arguments have the types that the schema gives them', () => {
  defineJob({
    name: 'types',
    args: z.object({ input: z.string(), rate: z.coerce.number().optional() }),
    build(env, { input, rate }) {
      expectTypeOf(env).toEqualTypeOf<Environment>();
      expectTypeOf(input).toEqualTypeOf<string>();
      expectTypeOf(rate).toEqualTypeOf<number | undefined>();
    },
  });
  defineJob({
    name: 'types',
    build(_env, args) {
      // @ts-expect-error a job without a schema has no arguments
      expectTypeOf(args.input).toEqualTypeOf<string>();
    },
  });
});

test('element types flow from the source through map, filter and flatMap, and elements are deeply read-only', () => {
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]), { timestamp: (flight) => flight.at.getTime() });
    expectTypeOf(flights).toEqualTypeOf<DataStream<Flight>>();
    expectTypeOf(flights.uid('f').name('n').setParallelism(2)).toEqualTypeOf<DataStream<Flight>>();
    expectTypeOf(flights.map((flight) => flight.legs.length)).toEqualTypeOf<DataStream<number>>();
    expectTypeOf(flights.map((flight) => ({ from: flight.origin }))).toEqualTypeOf<DataStream<{ from: string }>>();
    expectTypeOf(flights.filter((flight) => flight.distance > 100)).toEqualTypeOf<DataStream<Flight>>();
    expectTypeOf(flights.map((flight) => flight.delay).filter((delay) => delay !== undefined)).toEqualTypeOf<DataStream<number>>();
    expectTypeOf(
      flights.flatMap((flight, out: Collector<string>) => {
        for (const leg of flight.legs) out.collect(leg.to);
      }),
    ).toEqualTypeOf<DataStream<string>>();
    flights.flatMap((flight, out) => {
      // @ts-expect-error the collector's type must be said
      out.collect(flight.origin);
    });
    flights.map((flight) => {
      // @ts-expect-error records cannot be changed
      flight.distance = 0;
      // @ts-expect-error nor can what they hold
      flight.legs.push({ to: 'SFO' });
      return flight.distance;
    });
    flights.sinkTo(sinkOf<Flight>());
    // @ts-expect-error a sink of something else
    flights.sinkTo(sinkOf<Result>());
  });
});

test('keys are fields that hold a key, or what a selector returns', () => {
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]));
    flights.keyBy('origin').process({ onElement: (_, { key }) => expectTypeOf(key).toEqualTypeOf<string>() });
    flights.keyBy('distance').process({ onElement: (_, { key }) => expectTypeOf(key).toEqualTypeOf<number>() });
    flights
      .keyBy((flight) => [flight.origin, flight.distance])
      .process({ onElement: (_, { key }) => expectTypeOf(key).toEqualTypeOf<readonly [string, number]>() });
    flights
      .keyBy((flight) => ({ from: flight.origin }))
      .process({ onElement: (_, { key }) => expectTypeOf(key).toEqualTypeOf<{ readonly from: string }>() });
    // @ts-expect-error no such field
    flights.keyBy('destination');
    // @ts-expect-error a field that may be missing
    flights.keyBy('delay');
    // @ts-expect-error a date is no key
    flights.keyBy('at');
    // @ts-expect-error nor does a selector make it one
    flights.keyBy((flight) => flight.at);
  });
});

test('fields are summed where they hold numbers, and compared where they hold one kind of what can be compared', () => {
  inBuild((env) => {
    const keyed = env.fromSource(recordsOf<Flight>([])).keyBy('origin');
    expectTypeOf(keyed.sum('distance')).toEqualTypeOf<DataStream<Flight>>();
    expectTypeOf(keyed.max('at').keyBy('origin').minBy('origin')).toEqualTypeOf<DataStream<Flight>>();
    // @ts-expect-error a string is no number
    keyed.sum('origin');
    // @ts-expect-error a field that may be missing
    keyed.sum('delay');
    // @ts-expect-error a list has no order
    keyed.min('legs');
    // @ts-expect-error no such field
    keyed.maxBy('destination');
  });
});

test('streams of one type are united, and neither a union nor a side output has what only operators have', () => {
  const late = outputTag<Result>('late');
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]));
    const united = flights.union(
      flights.rebalance(),
      flights.filter((flight) => flight.distance > 1),
    );
    expectTypeOf(united.map((flight) => flight.distance)).toEqualTypeOf<DataStream<number>>();
    expectTypeOf(united.union(flights)).toEqualTypeOf<DerivedStream<Flight>>();
    // @ts-expect-error of another type
    flights.union(flights.map((flight) => flight.origin));
    const split = flights.process({
      onElement(flight, context) {
        context.output(late, { origin: flight.origin, count: 1 });
        // @ts-expect-error not what the tag says
        context.output(late, flight.origin);
      },
    });
    expectTypeOf(split.getSideOutput(late)).toEqualTypeOf<DerivedStream<Result>>();
    flights.keyBy('origin').process({ onElement: ({ origin }, { output }) => output(late, { origin, count: 1 }) });
    const untyped = Object(united) as { uid(uid: string): unknown };
    expect(() => untyped.uid('all')).toThrow('The uid of a union, a side output or a partitioned stream was set');
    // @ts-expect-error a union is no operator
    expect(() => united.uid('all')).toThrow();
    // @ts-expect-error nor is a side output
    expect(() => split.getSideOutput(late).setParallelism(2)).toThrow();
  });
});

test('whatever adds an operator gives a handle to set it by, and partitioning gives none', () => {
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]));
    const keyed = flights.keyBy('origin');
    const operators = [
      flights,
      env.addSource({ start: 0, pull: (position: number) => ({ records: [1], position: position + 1 }) }),
      flights.map(({ origin }) => origin),
      flights.flatMap(() => undefined),
      flights.filter(() => true),
      flights.process({ onElement: () => undefined }),
      keyed.reduce((a) => a),
      keyed.sum('distance'),
      keyed.process({ onElement: () => undefined }),
      flights.connect(flights).process({ onElement1: () => undefined, onElement2: () => undefined }),
      keyed.connect(keyed).process({ onElement1: () => undefined, onElement2: () => undefined }),
      flights.connect(flights.broadcast()).process({ onElement: () => undefined, onBroadcast: () => undefined }),
      keyed.connect(flights.broadcast()).process({ onElement: () => undefined, onBroadcast: () => undefined }),
      flights.sinkTo(sinkOf<Flight>()),
      flights.print(),
    ] as const;
    operators.forEach((operator, index) => {
      operator
        .uid(`o${index}`)
        .setUidHash('0'.repeat(32))
        .name('n')
        .setParallelism(2)
        .setMaxParallelism(9)
        .startNewChain()
        .disableChaining();
    });
    expectTypeOf(flights.map(({ at }) => at).setUidHash('0'.repeat(32))).toEqualTypeOf<DataStream<Date>>();
    expectTypeOf(flights.sinkTo(sinkOf<Flight>()).setMaxParallelism(3)).toEqualTypeOf<DataStreamSink>();
    const partitioned = [
      flights.forward(),
      flights.rebalance(),
      flights.rescale(),
      flights.shuffle(),
      flights.global(),
      flights.partitionCustom((_key, partitions) => partitions - 1, 'origin'),
      flights.union(flights).rebalance(),
    ] as const;
    for (const stream of partitioned) {
      expectTypeOf(stream).toEqualTypeOf<DerivedStream<Flight>>();
      stream.map(({ origin }) => origin).uid('after');
      // @ts-expect-error what would be set is the operator before it, which is not what it looks like
      expect(() => stream.setParallelism(3)).toThrow('of a union, a side output or a partitioned stream');
    }
    expectTypeOf(flights.broadcast()).toEqualTypeOf<BroadcastStream<Flight>>();
    // @ts-expect-error nor is a broadcast stream an operator
    expect(() => flights.broadcast().uid('rules')).toThrow('partitioned stream');
    // @ts-expect-error a keyed stream is partitioned already
    expect(() => keyed.rebalance()).toThrow(TypeError);
  });
});

test('connected streams keep their types, keyed ones their key, and broadcast state is read-only beside elements', () => {
  const results: Result[] = [];
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]));
    const totals = env.fromSource(recordsOf<Result>(results));
    expectTypeOf(
      flights.connect(totals).process({
        onElement1: (flight, _context, out: Collector<string>) => out.collect(flight.origin),
        onElement2(result) {
          expectTypeOf(result).toEqualTypeOf<Immutable<Result>>();
        },
      }),
    ).toEqualTypeOf<DataStream<string>>();
    flights
      .keyBy('origin')
      .connect(totals.keyBy('origin'))
      .process({
        state: { total: valueState<Total>() },
        onElement1(flight, { key, state }) {
          expectTypeOf(key).toEqualTypeOf<string>();
          state.total.update({ count: 1, legs: flight.legs });
        },
        onElement2: ({ count }, { state }) => expectTypeOf(state.total.value()?.count ?? count).toEqualTypeOf<number>(),
        onTimer: (_time, { timeDomain }) => expectTypeOf(timeDomain).toEqualTypeOf<'eventTime' | 'processingTime'>(),
      });
    // @ts-expect-error keys of another type
    flights.keyBy('distance').connect(totals.keyBy('origin'));
    flights
      .keyBy('origin')
      .connect(totals.broadcast())
      .process({
        state: { seen: valueState<number>() },
        broadcastState: { counts: mapState<string, number>() },
        onElement({ origin }, { state, broadcastState }, out: Collector<number>) {
          out.collect(broadcastState.counts.get(origin) ?? state.seen.value() ?? 0);
          // @ts-expect-error only what is broadcast may write
          expect(() => broadcastState.counts.put(origin, 1)).toThrow();
        },
        onBroadcast({ origin, count }, { broadcastState }) {
          broadcastState.counts.put(origin, count);
          // @ts-expect-error of another type
          broadcastState.counts.put(origin, origin);
        },
      });
    const onlyMaps = () =>
      flights.connect(totals.broadcast()).process({
        // @ts-expect-error broadcast state is a map
        broadcastState: { last: valueState<Result>() },
        onElement: () => undefined,
        onBroadcast: () => undefined,
      });
    expect(onlyMaps).toThrow('must be made by mapState()');
  });
});

test('a window keeps the types of its elements, its aggregation, its key and its function', () => {
  inBuild((env) => {
    const keyed = env.fromSource(recordsOf<Flight>([])).keyBy('origin');
    const windowed = keyed.window(globalWindow());
    expectTypeOf(windowed).toEqualTypeOf<WindowedStream<Flight, string, GlobalWindow>>();
    expectTypeOf(windowed.reduce((a, b) => (a.distance > b.distance ? a : b))).toEqualTypeOf<DataStream<Flight>>();
    expectTypeOf(windowed.sum('distance')).toEqualTypeOf<DataStream<Flight>>();
    const count = { create: () => 0, add: (seen: number) => seen + 1, result: (seen: number) => `${seen}` };
    expectTypeOf(windowed.aggregate(count)).toEqualTypeOf<DataStream<string>>();
    expectTypeOf(
      windowed.aggregate({ create: () => 0, add: (sum, { distance }) => sum + distance, result: (sum) => ({ sum }) }),
    ).toEqualTypeOf<DataStream<{ sum: number }>>();
    const named = windowed.aggregate(count, {
      process([seen], { key, window }, out: Collector<Result>) {
        expectTypeOf(seen).toEqualTypeOf<string | undefined>();
        expectTypeOf(key).toEqualTypeOf<string>();
        expectTypeOf(window).toEqualTypeOf<GlobalWindow>();
        out.collect({ origin: key, count: Number(seen) });
      },
    });
    expectTypeOf(named).toEqualTypeOf<DataStream<Result>>();
    windowed.process({
      state: { total: valueState<Total>() },
      windowState: { fired: valueState<number>() },
      process(elements, { state, windowState }, out: Collector<number>) {
        expectTypeOf(elements).toEqualTypeOf<readonly Immutable<Flight>[]>();
        expectTypeOf(windowState.fired.value()).toEqualTypeOf<number | undefined>();
        out.collect(state.total.value()?.count ?? elements.length);
        // @ts-expect-error of another type
        expect(() => state.total.update(1)).toThrow();
        // @ts-expect-error elements are read-only
        elements.push(elements[0]);
      },
    });
    named.uid('named').setParallelism(3).startNewChain();
    // @ts-expect-error a string is no number
    windowed.sum('origin');
    // @ts-expect-error a windowed stream is no stream: it must be evaluated
    expect(() => windowed.map((flight) => flight)).toThrow(TypeError);
    // @ts-expect-error only keyed streams have windows
    expect(() => env.fromSource(recordsOf<Flight>([])).window(globalWindow())).toThrow(TypeError);
    const twice = { state: { n: valueState<number>() }, windowState: { n: valueState<number>() }, process: () => undefined };
    expect(() => windowed.process(twice)).toThrow('declared twice, under state and under windowState');
  });
});

test('functions may be objects, with operator state that is typed by its declaration', () => {
  inBuild((env) => {
    const flights = env.addSource({
      start: 0,
      pull: (position: number) => ({ records: [{ origin: 'SFO', count: 1 }], position: position + 1 }),
    });
    expectTypeOf(flights).toEqualTypeOf<DataStream<{ origin: string; count: number }>>();
    const counted = flights.map({
      operatorState: { seen: splitListState<number>() },
      map({ origin }, { operatorState }) {
        expectTypeOf(operatorState.seen).toEqualTypeOf<ListState<number>>();
        // @ts-expect-error of another type
        operatorState.seen.add(origin);
        return { origin, seen: operatorState.seen.get().length };
      },
    });
    expectTypeOf(counted).toEqualTypeOf<DataStream<{ origin: string; seen: number }>>();
    expectTypeOf(counted.filter({ open: () => undefined, filter: ({ seen }) => seen > 1 })).toEqualTypeOf<typeof counted>();
    expectTypeOf(
      counted.flatMap({ flatMap: ({ origin }, out: Collector<string>) => out.collect(origin), close: () => undefined }),
    ).toEqualTypeOf<DataStream<string>>();
    counted.process({
      operatorState: { all: unionListState<string>() },
      onElement({ origin }, { operatorState, output }) {
        operatorState.all.add(origin);
        output(outputTag<string>('x'), origin);
      },
    });
    counted.filter({
      operatorState: { rules: broadcastMapState<string, number>() },
      filter({ origin, seen }, { operatorState }) {
        expectTypeOf(operatorState.rules).toEqualTypeOf<MapState<string, number>>();
        // @ts-expect-error of another type
        expect(() => operatorState.rules.put(seen, 1)).toThrow();
        return operatorState.rules.has(origin);
      },
    });
    counted.map({
      operatorState: { last: subtaskState<{ readonly origin: string }>() },
      map({ origin }, { operatorState: { last } }) {
        expectTypeOf(last.value()?.origin).toEqualTypeOf<string | undefined>();
        // @ts-expect-error of another type
        last.update(origin);
        return origin;
      },
    });
    // @ts-expect-error a date is no key
    broadcastMapState<Date, number>();
    // @ts-expect-error keyed state is no operator state
    expect(() => counted.map({ operatorState: { seen: valueState<number>() }, map: () => 1 })).toThrow('splitListState()');
  });
});

test('a partitioner gets the key and how many partitions there are', () => {
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]));
    expectTypeOf(
      flights.partitionCustom((distance, partitions) => {
        expectTypeOf(distance).toEqualTypeOf<number>();
        return distance % partitions;
      }, 'distance'),
    ).toEqualTypeOf<DerivedStream<Flight>>();
    flights.partitionCustom(
      (_key: string) => 0,
      (flight) => flight.origin,
    );
    // @ts-expect-error a partitioner of other keys
    flights.partitionCustom((_key: number) => 0, 'origin');
  });
});

test('in one literal, state is typed by its declaration and the result by the collector', () => {
  inBuild((env) => {
    const keyed = env.fromSource(recordsOf<Flight>([])).keyBy('origin');
    const results = keyed.process({
      state: { total: valueState<Total>(), seen: valueState<boolean>() },
      onElement(flight, { key, state, timers, timestamp }) {
        expectTypeOf(flight).toEqualTypeOf<Immutable<Flight>>();
        expectTypeOf(key).toEqualTypeOf<string>();
        expectTypeOf(timestamp).toEqualTypeOf<number | undefined>();
        const total = state.total.value();
        expectTypeOf(total).toEqualTypeOf<Immutable<Total> | undefined>();
        expectTypeOf(state.seen.value()).toEqualTypeOf<boolean | undefined>();
        state.total.update({ count: (total?.count ?? 0) + 1, legs: total?.legs ?? flight.legs });
        timers.registerEventTimeTimer(timestamp ?? 0);
        // @ts-expect-error not declared
        expectTypeOf(state.other).toBeUndefined();
        // @ts-expect-error of another type
        state.seen.update('yes');
        // @ts-expect-error state changes only through its methods
        if (total !== undefined) total.count = 1;
      },
      onTimer(time, { key, state }, out: Collector<Result>) {
        expectTypeOf(time).toEqualTypeOf<number>();
        out.collect({ origin: key, count: state.total.value()?.count ?? 0 });
        // @ts-expect-error not a result
        out.collect({ origin: 1, count: 0 });
      },
    });
    expectTypeOf(results).toEqualTypeOf<DataStream<Result>>();

    const declaredLast = keyed.process({
      onElement(_flight, { state }, out: Collector<Total['count']>) {
        out.collect(state.total.value()?.count ?? 0);
      },
      state: { total: valueState<Total>() },
    });
    expectTypeOf(declaredLast).toEqualTypeOf<DataStream<number>>();
  });
});

test('every kind of state has its handle, typed by what was declared', () => {
  const mean = aggregatingState({
    create: () => ({ count: 0, sum: 0 }),
    add: ({ count, sum }, value: number) => ({ count: count + 1, sum: sum + value }),
    result: ({ count, sum }) => `${sum / count}`,
  });
  expectTypeOf<StateHandle<typeof mean>>().toEqualTypeOf<AggregatingState<number, string>>();
  inBuild((env) => {
    const keyed = env.fromSource(recordsOf<Flight>([])).keyBy('origin');
    keyed.process({
      state: {
        legs: listState<{ to: string }>({ ttl: { ms: 1 } }),
        totals: mapState<string, Total>(),
        pairs: mapState<readonly [string, number], Date>({ ttl: { ms: 1, update: 'onReadAndWrite' } }),
        longest: reducingState<Flight>({ reduce: (a, b) => (a.distance > b.distance ? a : b) }),
        mean,
      },
      onElement(flight, { state }) {
        expectTypeOf(state.legs).toEqualTypeOf<ListState<{ to: string }>>();
        expectTypeOf(state.totals).toEqualTypeOf<MapState<string, Total>>();
        expectTypeOf(state.longest).toEqualTypeOf<ReducingState<Flight>>();
        expectTypeOf(state.mean.get()).toEqualTypeOf<string | undefined>();
        expectTypeOf(state.totals.get('a')).toEqualTypeOf<Immutable<Total> | undefined>();
        for (const [pair, date] of state.pairs) {
          expectTypeOf(pair).toEqualTypeOf<readonly [string, number]>();
          expectTypeOf(date).toEqualTypeOf<Date>();
        }
        for (const total of state.totals.values()) expectTypeOf(total).toEqualTypeOf<Immutable<Total>>();
        state.legs.addAll(flight.legs);
        state.longest.add(flight);
        state.mean.add(flight.distance);
        // @ts-expect-error of another type
        state.mean.add('1');
        // @ts-expect-error of another type
        state.legs.add('SFO');
        // @ts-expect-error state changes only through its methods
        state.legs.get().push({ to: 'SFO' });
        // @ts-expect-error nor can what it holds be changed
        for (const leg of state.legs.get()) leg.to = 'SFO';
        // @ts-expect-error of another key
        state.totals.put(1, { count: 1, legs: [] });
        // @ts-expect-error a list has no value
        state.legs.value();
      },
    });
    // @ts-expect-error a date is no key
    mapState<Date, number>();
    // @ts-expect-error no such way to touch it
    valueState<number>({ ttl: { ms: 1, update: 'never' } });
    // @ts-expect-error a reduction needs its function
    reducingState<number>({});
  });
});

test('a function without a collector emits nothing that a sink would take', () => {
  inBuild((env) => {
    const nothing = env
      .fromSource(recordsOf<Flight>([]))
      .keyBy('origin')
      .process({ onElement: () => undefined });
    expectTypeOf(nothing).toEqualTypeOf<DataStream<never>>();
    env
      .fromSource(recordsOf<Flight>([]))
      .keyBy('origin')
      .process({
        onElement(flight, _context, out) {
          // @ts-expect-error the collector's type must be said
          out.collect(flight.origin);
        },
      });
  });
});

test('an instance of a class of the right shape is a function too', () => {
  class Count {
    readonly state = { total: valueState<number>() };
    onElement(_flight: Immutable<Flight>, { key, state }: ElementContext<string, Count['state']>, out: Collector<Result>): void {
      const count = (state.total.value() ?? 0) + 1;
      state.total.update(count);
      out.collect({ origin: key, count });
    }
  }
  inBuild((env) => {
    const flights = env.fromSource(recordsOf<Flight>([]));
    expectTypeOf(flights.keyBy('origin').process(new Count())).toEqualTypeOf<DataStream<Result>>();
    // @ts-expect-error written for keys of another type
    flights.keyBy('distance').process(new Count());
  });
});

test('a reduction returns what it reduces, or a part of what it was given', () => {
  inBuild((env) => {
    const farthest = env
      .fromSource(recordsOf<Flight>([]))
      .keyBy('origin')
      .reduce((a, b) => (a.distance >= b.distance ? a : b));
    expectTypeOf(farthest).toEqualTypeOf<DataStream<Flight>>();
  });
});
