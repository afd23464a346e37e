// Windows: that results come once, at the end and not before, of exactly what came in, whatever fails.
import { describe, expect, it } from 'vitest';
import {
  type Collector,
  defineJob,
  globalWindow,
  maxWatermark,
  outputTag,
  valueState,
  type Window,
  type WindowAssigner,
} from '../../src/index.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';

interface Reading {
  readonly sensor: string;
  readonly value: number;
  readonly at: number;
}

const readings = (count: number): readonly Reading[] =>
  Array.from({ length: count }, (_, index) => ({ sensor: `s${(index * 5) % 7}`, value: (index * 37) % 101, at: index * 100 }));

const large = outputTag<string>('large');

/** Every way to evaluate a window, over one stream. */
function evaluated(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('evaluated');
  const definition = defineJob({
    name: 'evaluated',
    build(env) {
      const windowed = env
        .fromSource(fromElements(readings(count), epochs), { timestamp: ({ at }) => at })
        .uid('readings')
        .keyBy('sensor')
        .window(globalWindow());
      const greatest = windowed.maxBy('value').uid('greatest');
      const counts = windowed
        .aggregate({
          create: () => ({ count: 0, sum: 0 }),
          add: ({ count, sum }, { value }) => ({ count: count + 1, sum: sum + value }),
          result: ({ count, sum }) => ({ count, sum }),
        })
        .uid('counts');
      const all = windowed
        .process({
          state: { fired: valueState<number>() },
          windowState: { elements: valueState<number>() },
          process(elements, { key, window, state, windowState, output, currentWatermark }, out: Collector<unknown>) {
            state.fired.update((state.fired.value() ?? 0) + 1);
            windowState.elements.update(elements.length);
            if (elements.length > 9) output(large, key);
            // In the order in which they came within a sensor, since all of its readings come from one split.
            const values = elements.map(({ value }) => value).toSorted((a, b) => a - b);
            out.collect({ key, values, end: window.maxTimestamp === maxWatermark, after: currentWatermark === maxWatermark });
          },
        })
        .uid('all');
      const named = windowed
        .reduce((a, b) => (a.value < b.value || (a.value === b.value && a.at < b.at) ? a : b), {
          process: ([least], { key }, out: Collector<string>) => out.collect(`${key}: ${least?.value}`),
        })
        .uid('named');
      greatest.sinkTo(sink).uid('out');
      counts.sinkTo(collectSink('counts')).uid('counts out');
      all.sinkTo(collectSink('all')).uid('all out');
      all.getSideOutput(large).sinkTo(collectSink('large')).uid('large out');
      // What windows emit has a timestamp, by which a window after a window goes.
      named
        .keyBy((text) => text.length)
        .window(globalWindow())
        .aggregate(
          { create: () => 0, add: (seen) => seen + 1, result: (seen) => seen },
          {
            process: ([seen], { key }, out: Collector<unknown>) => out.collect({ length: key, seen }),
          },
        )
        .uid('lengths')
        .sinkTo(collectSink('lengths'))
        .uid('lengths out');
    },
  });
  return job('evaluated', sink, definition);
}

describe('the global window', () => {
  it.each([1, 2, 3])('is evaluated once for each key, at the end, at parallelism %i', async (parallelism) => {
    const { definition, sink } = evaluated(80, { recordsPerSecond: 20 });
    const result = await simulateJob(definition, { parallelism, compareWithReference: true, compareSubtasks: true });
    const greatest = result.output(sink) as readonly Reading[];
    expect(greatest.map(({ sensor }) => sensor).toSorted()).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
    for (const { sensor, value } of greatest)
      expect(value).toBe(
        Math.max(
          ...readings(80)
            .filter((each) => each.sensor === sensor)
            .map((each) => each.value),
        ),
      );
    const outputs = result.checkpoints.filter(({ vertices }) =>
      vertices.some(({ subtasks }) => subtasks.some(({ committables }) => committables.length > 0)),
    );
    expect(outputs.length).toBeLessThanOrEqual(2);
    expect(result.checkpoints.length).toBeGreaterThan(outputs.length + 1);
  });

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 9 }, (_, index) => ({
      name: `swarm of seed ${index}`,
      seed: index,
      parallelism: 1 + (index % 3),
      environmentsPerFunction: 1 + (index % 2),
      compareSubtasks: true,
      faults: randomFaults({ seed: index, probability: 0.02, untilCall: 900 }),
    }));
    expect(await brokenRuns(evaluated(40, { recordsPerSecond: 12, irregular: true }), runs)).toEqual([]);
  });

  it('names operator, timer and key where its evaluation fails', async () => {
    const definition = defineJob({
      name: 'fails',
      build: (env) =>
        void env
          .fromSource(fromElements(readings(3)))
          .uid('in')
          .keyBy('sensor')
          .window(globalWindow())
          .process({
            process() {
              throw new RangeError('no');
            },
          })
          .uid('odd')
          .print(),
    });
    const { status, cause } = await simulateJob(definition);
    expect(status).toBe('FAILED');
    expect(cause).toMatchObject({ code: 'USER_FUNCTION_FAILED', operator: 'odd' });
    expect(cause?.message).toMatch(/GlobalWindows, timer 9007199254740991 of key s\d.*: RangeError: no/);
  });
});

/** Such as other windows will be: many per key, with a trigger that fires early, purges, and goes by processing time too. */
interface Hundred extends Window {
  readonly start: number;
}

const hundreds: WindowAssigner<Hundred> = {
  name: 'Hundreds',
  assignWindows: (_element, timestamp = 0) => {
    const start = Math.floor(timestamp / 1_000) * 1_000;
    return [{ start, maxTimestamp: start + 999 }];
  },
  namespaceOf: ({ start }) => start,
  windowOf: (start) => ({ start: start as number, maxTimestamp: (start as number) + 999 }),
  trigger: {
    onElement(element, _timestamp, window, context) {
      context.registerEventTimeTimer(window.maxTimestamp);
      return (element as Reading).value === 0 ? 'fire' : (element as Reading).value === 100 ? 'purge' : 'continue';
    },
    onEventTime: () => 'fireAndPurge',
    onProcessingTime: () => 'continue',
  },
};

describe('another assigner and trigger', () => {
  const sink = collectSink<{ readonly start: number; readonly values: readonly number[]; readonly seen: number }>('hundreds');
  const definition = defineJob({
    name: 'hundreds',
    build: (env) =>
      void env
        .fromSource(fromElements(readings(120), { recordsPerSecond: 20, splits: 1 }), { timestamp: ({ at }) => at })
        .setParallelism(1)
        .uid('readings')
        .keyBy(() => 'all')
        .window(hundreds)
        .process({
          state: { seen: valueState<number>() },
          windowState: { fired: valueState<number>() },
          process(elements, { window, state, windowState }, out: Collector<unknown>) {
            windowState.fired.update((windowState.fired.value() ?? 0) + 1);
            state.seen.update((state.seen.value() ?? 0) + 1);
            out.collect({ start: window.start, values: elements.map(({ value }) => value), seen: windowState.fired.value() });
          },
        })
        .uid('hundreds')
        .sinkTo(sink as never)
        .uid('out'),
  });

  /** What the windows should be, by going through the readings once. */
  const wanted = (): readonly unknown[] => {
    const fired: unknown[] = [];
    for (let start = 0; start < 12_000; start += 1_000) {
      let values: number[] = [];
      let seen = 0;
      for (const { value } of readings(120).filter(({ at }) => at >= start && at < start + 1_000)) {
        values = [...values, value];
        if (value === 0) fired.push({ start, values, seen: ++seen });
        if (value === 100) [values, seen] = [[], 0];
      }
      if (values.length > 0) fired.push({ start, values, seen: ++seen });
    }
    return fired;
  };

  it('keeps contents, timers and state of each window apart, and drops them when it is purged', async () => {
    const result = await simulateJob(definition, { parallelism: 2 });
    expect(result.output(sink)).toEqual(wanted());
    // All windows were purged; what is left is the key's own state, and the splits.
    expect(result.checkpoints.at(-1)!.vertices[1]!.subtasks.reduce((sum, { stateEntries }) => sum + stateEntries, 0)).toBe(1);
  });

  it('does so whatever swarm of faults strikes', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const faults = randomFaults({ seed, probability: 0.03, untilCall: 700 });
      const result = await simulateJob(definition, { parallelism: 2, seed, faults, environmentsPerFunction: 1 + (seed % 2) });
      expect(result.output(sink), `seed ${seed}`).toEqual(wanted());
    }
  });
});
