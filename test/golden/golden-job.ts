import {
  broadcastMapState,
  type Collector,
  defineJob,
  listState,
  mapState,
  maxWatermark,
  splitListState,
  unionListState,
  valueState,
} from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { type FromElementsOptions, fromElements } from '../../src/testing/from-elements.ts';

export interface Reading {
  readonly sensor: string;
  readonly at: number;
  readonly value: number;
}

export const goldenReadings: readonly Reading[] = Array.from({ length: 60 }, (_, i) => ({
  sensor: `s${(i * 7) % 11}`,
  at: 1_000 + i * 100,
  value: (i * 31) % 17,
}));

export const goldenSink = collectSink<unknown>();

/**
 * Most kinds of state in one job. The files of this folder were written by it, by a release that is gone: neither its
 * uids nor the shape of its state may change.
 */
export const goldenJobAt = (pace: Pick<FromElementsOptions, 'recordsPerSecond'>): JobDefinition =>
  defineJob({
    name: 'golden',
    build(env) {
      env
        .fromSource(fromElements(goldenReadings, { splits: 4, ...pace }), { timestamp: ({ at }) => at, maxOutOfOrdernessMs: 500 })
        .uid('readings')
        .map({
          operatorState: { seen: splitListState<number>(), all: unionListState<number>(), known: broadcastMapState<string, number>() },
          map(reading: Reading, { operatorState }) {
            if (reading.value === 0) operatorState.seen.add(reading.at);
            if (reading.value === 16) operatorState.all.add(reading.at);
            operatorState.known.put('unit', 1);
            return reading;
          },
        })
        .uid('scaled')
        .keyBy('sensor')
        .process({
          state: { sum: valueState<number>(), latest: listState<number>(), byValue: mapState<number, number>() },
          onElement({ value, at }, { state, timers }) {
            state.sum.update((state.sum.value() ?? 0) + value);
            state.latest.add(at);
            state.byValue.put(value, (state.byValue.get(value) ?? 0) + 1);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer(_time, { key, state }, out: Collector<unknown>) {
            const byValue = [...state.byValue.entries()].map(([value, count]) => [value, count] as const);
            out.collect({ sensor: key, sum: state.sum.value(), latest: state.latest.get().length, values: byValue.length });
          },
        })
        .uid('sums')
        .sinkTo(goldenSink)
        .uid('out');
    },
  }) as JobDefinition;

export const goldenJob: JobDefinition = goldenJobAt({});
