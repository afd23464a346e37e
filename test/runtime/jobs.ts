import { type Collector, defineJob, maxWatermark, valueState } from '../../src/index.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { fromElements } from '../../src/testing/from-elements.ts';

export interface Reading {
  readonly sensor: string;
  readonly at: number;
  readonly value: number;
}

export const readings = (count: number): readonly Reading[] =>
  Array.from({ length: count }, (_, i) => ({ sensor: `s${(i * 7) % 11}`, at: 1_000 + i * 100, value: (i * 31) % 17 }));

/** Two levels: a source with a map and a filter, then sums by sensor, each emitted when time passes it, with the last one at the end. */
export function sumsBySensor(elements: readonly Reading[], splits?: number): JobDefinition {
  return defineJob({
    name: 'sums',
    build(env) {
      env
        .fromSource(fromElements(elements, splits === undefined ? {} : { splits }), { timestamp: ({ at }) => at, maxOutOfOrdernessMs: 500 })
        .uid('readings')
        .map(({ sensor, at, value }) => ({ sensor, at, value: value * 2 }))
        .filter(({ value }) => value !== 4)
        .keyBy('sensor')
        .process({
          state: { sum: valueState<{ readonly sum: number; readonly count: number }>() },
          onElement({ value, at }, { state, timers }) {
            const before = state.sum.value() ?? { sum: 0, count: 0 };
            state.sum.update({ sum: before.sum + value, count: before.count + 1 });
            timers.registerEventTimeTimer(Math.ceil(at / 2_000) * 2_000);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer(time, { key, state, timestamp }, out: Collector<unknown>) {
            if (time === maxWatermark) out.collect({ sensor: key, ...state.sum.value(), timestamp });
          },
        })
        .uid('sums')
        .sinkTo(collectSink())
        .uid('out');
    },
  }) as JobDefinition;
}

/** What it should give, by a plain loop. */
export function plainSums(elements: readonly Reading[]): readonly unknown[] {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { sensor, value } of elements) {
    if (value * 2 === 4) continue;
    const before = sums.get(sensor) ?? { sum: 0, count: 0 };
    sums.set(sensor, { sum: before.sum + value * 2, count: before.count + 1 });
  }
  return sorted([...sums].map(([sensor, { sum, count }]) => ({ sensor, sum, count, timestamp: maxWatermark })));
}

export const sorted = (values: readonly unknown[]): readonly unknown[] =>
  [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
