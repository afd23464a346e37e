// What a job collects is its result: each element once, only when it is committed, whatever fails.
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/index.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';

function collecting(count: number, epochs: Epochs): SimulatedJob {
  const definition = defineJob({
    name: 'collecting',
    build(env) {
      const numbers = env
        .fromSource(
          fromElements(
            Array.from({ length: count }, (_, index) => index),
            epochs,
          ),
        )
        .uid('numbers');
      numbers.collect().uid('all');
      numbers
        .map((number) => ({ number, at: new Date(number), big: BigInt(number) }))
        .uid('objects')
        .collect('objects')
        .uid('objects out');
      numbers
        .filter((number) => number % 2 === 0)
        .uid('even')
        .collect('some')
        .uid('even out');
      numbers
        .filter((number) => number % 2 === 1)
        .uid('odd')
        .collect('some')
        .uid('odd out');
    },
  });
  return job('collecting', collectSink<unknown>('unused'), definition);
}

describe('collect', () => {
  it.each([1, 3])('gives every element once, in the order of epochs, at parallelism %i', async (parallelism) => {
    const { definition } = collecting(2_500, { recordsPerSecond: 1_250 });
    const result = await simulateJob(definition, { parallelism, compareWithReference: true, compareSubtasks: true });
    const all = result.collected() as readonly number[];
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2_500 }, (_, index) => index));
    if (parallelism === 1) expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(result.collected('objects')).toContainEqual({ number: 7, at: new Date(7), big: 7n });
    expect(result.collected('some').length).toBe(2_500);
    expect(result.collected('other')).toEqual([]);
  });

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 12 }, (_, index) => ({
      name: `swarm of seed ${index}`,
      seed: index,
      parallelism: 1 + (index % 3),
      environmentsPerFunction: 1 + (index % 2),
      compareSubtasks: true,
      faults: randomFaults({ seed: index, probability: 0.03, untilCall: 600 }),
    }));
    expect(await brokenRuns(collecting(50, { recordsPerSecond: 15, irregular: true }), runs)).toEqual([]);
  });

  it.each(['', 'a/b', '..', 'per hour'])('refuses a name that is no part of a path: "%s"', async (name) => {
    const definition = defineJob({ name: 'odd', build: (env) => void env.fromSource(fromElements([1])).collect(name) });
    await expect(simulateJob(definition)).rejects.toMatchObject({ code: 'RESULT_NAME_INVALID' });
  });
});
