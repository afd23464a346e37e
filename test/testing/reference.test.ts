import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { type Collector, defineJob, maxWatermark, valueState } from '../../src/index.ts';
import { buildJob } from '../../src/stream/build-job.ts';
import type { JobDefinition } from '../../src/stream/define-job.ts';
import { collectSink } from '../../src/testing/collect-sink.ts';
import { noFaults } from '../../src/testing/faults.ts';
import { fromElements } from '../../src/testing/from-elements.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { runReference } from '../../src/testing/reference.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';

async function reference(definition: JobDefinition, sink: string, parallelism = 1): Promise<readonly unknown[]> {
  const clock = new SimulatedClock();
  const objects = new SimulatedObjects(new PortCalls({ clock, random: seededRandom(1), plan: noFaults })).for();
  const { sinks } = await runReference(buildJob(definition, {}, { parallelism }), { clock, objects });
  return sinks.get(sink)!;
}

describe('the reference interpreter', () => {
  it('runs chains of map, filter and flatMap in order', async () => {
    const job = defineJob({
      name: 'chain',
      build(env) {
        env
          .fromSource(fromElements([1, 2, 3, 4]))
          .uid('in')
          .map((each) => each * 10)
          .filter((each) => each !== 20)
          .flatMap((each, out: Collector<number>) => {
            out.collect(each);
            out.collect(each + 1);
          })
          .sinkTo(collectSink<number>())
          .uid('out');
      },
    });
    expect(await reference(job, 'out')).toEqual([10, 11, 30, 31, 40, 41]);
  });

  it('reduces by key and emits every reduction', async () => {
    const job = defineJob({
      name: 'reduce',
      build(env) {
        env
          .fromSource(
            fromElements([
              { k: 'a', n: 1 },
              { k: 'b', n: 5 },
              { k: 'a', n: 2 },
            ]),
          )
          .uid('in')
          .keyBy('k')
          .reduce((sum, each) => ({ k: sum.k, n: sum.n + each.n }))
          .uid('sum')
          .sinkTo(collectSink())
          .uid('out');
      },
    });
    expect(await reference(job, 'out')).toEqual([
      { k: 'a', n: 1 },
      { k: 'b', n: 5 },
      { k: 'a', n: 3 },
    ]);
  });

  it('fires timers by time and key as the watermark rises, and the last ones at the end', async () => {
    const job = defineJob({
      name: 'timers',
      build(env) {
        env
          .fromSource(
            fromElements([
              { k: 'b', at: 1 },
              { k: 'a', at: 1 },
              { k: 'a', at: 20 },
            ]),
            { timestamp: (each) => each.at },
          )
          .uid('in')
          .keyBy('k')
          .process({
            state: { count: valueState<number>() },
            onElement(element, { state, timers }) {
              state.count.update((state.count.value() ?? 0) + 1);
              timers.registerEventTimeTimer(element.at + 10);
              timers.registerEventTimeTimer(maxWatermark);
            },
            onTimer(time, { key, state }, out: Collector<string>) {
              out.collect(`${key} ${state.count.value()} ${time === maxWatermark ? 'end' : time}`);
            },
          })
          .uid('count')
          .sinkTo(collectSink())
          .uid('out');
      },
    });
    expect(await reference(job, 'out')).toEqual(['a 2 11', 'b 1 11', 'a 2 30', 'a 2 end', 'b 1 end']);
  });

  it('reads the split whose watermark is lowest first', async () => {
    const elements = [1, 10, 2, 11, 3, 12].map((at) => ({ at }));
    const job = defineJob({
      name: 'splits',
      build(env) {
        env
          .fromSource(fromElements(elements), { timestamp: (each) => each.at })
          .uid('in')
          .sinkTo(collectSink())
          .uid('out');
      },
    });
    expect(await reference(job, 'out', 2)).toEqual([1, 10, 2, 3, 11, 12].map((at) => ({ at })));
  });
});
