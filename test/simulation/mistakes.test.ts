// What a job's author sees when the job itself is wrong.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Collector, defineJob, valueState } from '../../src/index.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';

const sink = collectSink<number>();

const failingAt = (poison: number) =>
  defineJob({
    name: 'poisoned',
    build(env) {
      env
        .fromSource(fromElements([1, 2, 3, 4, 5, 6], { splits: 1 }))
        .uid('numbers')
        .map((each) => {
          if (each === poison) throw new RangeError('no number of mine');
          return each;
        })
        .uid('check')
        .sinkTo(sink)
        .uid('out');
    },
  });

describe('a job whose code throws', () => {
  it('ends FAILED, and says where: operator, record and cause', async () => {
    const result = await simulateJob(failingAt(4));
    expect(result.status).toBe('FAILED');
    expect(result.cause).toMatchObject({ domain: 'program', operator: 'check', position: 'element 3' });
    expect(result.cause?.message).toContain('no number of mine');
    expect(result.output(sink)).toEqual([]);
  });

  it('ends FAILED with the same cause while other things go wrong too', async () => {
    const result = await simulateJob(failingAt(4), { seed: 5, faults: randomFaults({ seed: 5, probability: 0.05, untilCall: 60 }) });
    expect(result.status).toBe('FAILED');
    expect(result.cause).toMatchObject({ domain: 'program', operator: 'check', position: 'element 3' });
  });

  it('throws at once when it changes a value that state gave it', async () => {
    const job = defineJob({
      name: 'changing in place',
      build(env) {
        env
          .fromSource(fromElements([1, 2, 3]))
          .uid('numbers')
          .keyBy(() => 'all')
          .process({
            state: { seen: valueState<{ numbers: number[] }>() },
            onElement(element, { state }, out: Collector<number>) {
              const seen = (state.seen.value() ?? { numbers: [] }) as { numbers: number[] };
              seen.numbers.push(element);
              state.seen.update(seen);
              out.collect(seen.numbers.length);
            },
          })
          .uid('collect')
          .sinkTo(sink)
          .uid('out');
      },
    });
    const result = await simulateJob(job);
    expect(result.status).toBe('FAILED');
    expect(result.cause).toMatchObject({
      code: 'CHANGED_IN_PLACE',
      domain: 'program',
      operator: 'collect',
      message:
        'Operator "collect" changed element 1 of a list in place, but records and values of state are read-only: Cannot add property 1, object is not extensible.',
    });
  });
});

describe('a simulation', () => {
  it('refuses wrong arguments as the command line does', async () => {
    const job = defineJob({
      name: 'counted',
      args: z.object({ count: z.number() }),
      build(env, { count }) {
        env
          .fromSource(fromElements([count]))
          .uid('numbers')
          .sinkTo(sink)
          .uid('out');
      },
    });
    await expect(simulateJob(job, { args: { count: 'many' } })).rejects.toMatchObject({ domain: 'user' });
    expect((await simulateJob(job, { args: { count: 7 } })).output(sink)).toEqual([7]);
  });

  it('gives up on a job that does not end', async () => {
    const job = defineJob({
      name: 'endless',
      build(env) {
        env
          .fromSource({
            ...fromElements([1]),
            boundedness: 'continuous',
            enumerate: async () => ({ state: null, assignments: [], done: false, nextDueAt: 0 }),
          })
          .uid('numbers')
          .sinkTo(sink)
          .uid('out');
      },
    });
    await expect(simulateJob(job, { maxVirtualMs: 60_000 })).rejects.toMatchObject({ code: 'SIMULATION_STUCK' });
  });
});
