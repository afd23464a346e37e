// Streams that fork, meet again and go by ways of their own: united, split by side outputs, dealt out by a partitioner.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, outputTag } from '../../src/index.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';

interface Reading {
  readonly sensor: string;
  readonly value: number;
}

const readings = (count: number, from: number): readonly Reading[] =>
  Array.from({ length: count }, (_, index) => ({ sensor: `s${(index * 7 + from) % 5}`, value: ((index + from) * 31) % 23 }));

const high = outputTag<Reading>('high');
const odd = outputTag<string>('odd');

function united(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('counts');
  const definition = defineJob({
    name: 'united',
    build(env) {
      const first = env.fromSource(fromElements(readings(count, 0), { ...epochs, name: 'first' })).uid('first');
      const second = env
        .fromSource(fromElements(readings(count, 3), { ...epochs, name: 'second', splits: 1 }))
        .uid('second')
        .setParallelism(1);
      const split = first
        .union(
          second.rescale(),
          first.filter((reading) => reading.value > 15),
        )
        .process({
          onElement(reading, { output }, out: Collector<Reading>) {
            if (reading.value % 2 === 1) output(odd, `${reading.sensor} ${reading.value}`);
            if (reading.value > 12) output(high, reading);
            else out.collect(reading);
          },
        })
        .uid('split');
      const marked = split.getSideOutput(high).partitionCustom((sensor, partitions) => Number(sensor.slice(1)) % partitions, 'sensor');
      split
        .union(marked)
        .map(({ sensor }) => ({ sensor, count: 1 }))
        .keyBy('sensor')
        .sum('count')
        .uid('counts')
        .sinkTo(sink)
        .uid('out');
      split
        .getSideOutput(odd)
        .map((text) => text.toUpperCase())
        .sinkTo(collectSink<string>('odd'))
        .uid('odd out');
      for (const extreme of ['max', 'minBy'] as const) {
        split
          .getSideOutput(high)
          .keyBy('sensor')
          [extreme]('value')
          .uid(extreme)
          .filter(() => false)
          .sinkTo(collectSink<unknown>(extreme))
          .uid(`${extreme} out`);
      }
    },
  });
  return job('united', sink, definition);
}

describe('united and split streams', () => {
  it.each([1, 2, 3])('equal the reference at parallelism %i, at every checkpoint', async (parallelism) => {
    const { definition, sink } = united(60, { recordsPerSecond: 15 });
    const result = await simulateJob(definition, { parallelism, compareWithReference: true });
    expect(result.status).toBe('FINISHED');
    expect(result.output(sink)).toHaveLength(60 + 60 + readings(60, 0).filter(({ value }) => value > 15).length);
  });

  it('are exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 12 }, (_, index) => ({
      name: `swarm of seed ${index}`,
      seed: index,
      parallelism: 1 + (index % 3),
      environmentsPerFunction: 1 + (index % 2),
      faults: randomFaults({ seed: index, probability: 0.02, untilCall: 600 }),
    }));
    expect(await brokenRuns(united(24, { recordsPerSecond: 15, irregular: true }), runs)).toEqual([]);
  });
});
