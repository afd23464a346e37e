// Accumulators: what failed attempts added does not count, and subtasks that share a function's object don't mix.
import { describe, expect, it } from 'vitest';
import {
  type Accumulator,
  averageAccumulator,
  type Collector,
  defineJob,
  doubleCounter,
  doubleMaximum,
  doubleMinimum,
  histogram,
  longCounter,
  maxWatermark,
  type RuntimeContext,
  valueState,
} from '../../src/index.ts';
import { collectSink, fromElements, randomFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';

/** One instance for all subtasks, jobs and simulated environments of this process: the worst case. */
class CountsSmall {
  #seen: Accumulator | undefined = undefined;
  #small: Accumulator | undefined = undefined;

  open(context: RuntimeContext): void {
    this.#seen = context.addAccumulator('seen', longCounter());
    this.#small = context.addAccumulator('small', longCounter());
  }

  filter(number: number): boolean {
    this.#seen?.add(1);
    if (number < 10) this.#small?.add(1);
    return true;
  }
}
const countsSmall = new CountsSmall();

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => (index * 37) % 101);

function accumulating(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('remainders');
  const definition = defineJob({
    name: 'accumulating',
    build(env) {
      let accumulators: Record<string, Accumulator> = {};
      let timed: Accumulator | undefined;
      env
        .fromSource(fromElements(numbers(count), epochs))
        .uid('numbers')
        .filter(countsSmall)
        .uid('small')
        .shuffle()
        .map({
          open(context) {
            accumulators = {
              quarters: context.addAccumulator('quarters', doubleCounter()),
              least: context.addAccumulator('least', doubleMinimum()),
              greatest: context.addAccumulator('greatest', doubleMaximum()),
              mean: context.addAccumulator('mean', averageAccumulator()),
              tens: context.addAccumulator('tens', histogram()),
              seen: context.addAccumulator('seen', longCounter()),
              never: context.addAccumulator('never', doubleMaximum()),
            };
          },
          map(number) {
            accumulators['quarters']?.add(number / 4);
            for (const name of ['least', 'greatest', 'mean']) accumulators[name]?.add(number);
            accumulators['tens']?.add(Math.floor(number / 10) * 10);
            accumulators['seen']?.add(1);
            return { remainder: number % 5, number };
          },
        })
        .uid('summed')
        .keyBy('remainder')
        .process({
          state: { count: valueState<number>() },
          open(context) {
            timed = context.addAccumulator('timers', longCounter());
          },
          onElement(_element, { state, timers }) {
            state.count.update((state.count.value() ?? 0) + 1);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer(_time, { key, state }, out: Collector<unknown>) {
            timed?.add(state.count.value() ?? 0);
            out.collect({ remainder: key, count: state.count.value() });
          },
        })
        .uid('counted')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('accumulating', sink, definition);
}

const count = 120;
const all = numbers(count);
const expected = {
  seen: 2 * count,
  small: all.filter((number) => number < 10).length,
  quarters: all.reduce((sum, number) => sum + number, 0) / 4,
  least: Math.min(...all),
  greatest: Math.max(...all),
  mean: all.reduce((sum, number) => sum + number, 0) / count,
  never: null,
  timers: count,
};

describe('accumulators', () => {
  it.each([1, 2, 3])('come to the same at parallelism %i, in every subtask and over all', async (parallelism) => {
    const { definition } = accumulating(count, { recordsPerSecond: 30 });
    const result = await simulateJob(definition, { parallelism, compareWithReference: true, compareSubtasks: true });
    expect(result.accumulators).toMatchObject(expected);
    const tens = Object.values(result.accumulators['tens'] as Record<string, number>);
    expect(tens.reduce((sum, each) => sum + each, 0)).toBe(count);
    expect(result.checkpoints.length).toBeGreaterThan(2);
  });

  it('are exact whatever swarm of faults strikes', async () => {
    const runs = Array.from({ length: 18 }, (_, index) => ({
      name: `swarm of seed ${index}`,
      seed: index,
      parallelism: 1 + (index % 3),
      environmentsPerFunction: 1 + (index % 2),
      compareSubtasks: true,
      faults: randomFaults({ seed: index, probability: 0.03, untilCall: 700 }),
    }));
    expect(await brokenRuns(accumulating(60, { recordsPerSecond: 15, irregular: true }), runs)).toEqual([]);
  });

  it('do not count what an attempt added that failed in the end', async () => {
    let failures = 0;
    const definition = defineJob({
      name: 'fails once',
      build(env) {
        let seen: Accumulator | undefined;
        env
          .fromSource(fromElements([1, 2, 3, 4]))
          .uid('in')
          .filter({
            open(context) {
              seen = context.addAccumulator('seen', longCounter());
            },
            filter(number) {
              seen?.add(number);
              if (number === 4 && failures++ === 0) throw new Error('once');
              return true;
            },
          })
          .uid('seen')
          .sinkTo(collectSink<number>())
          .uid('out');
      },
    });
    const result = await simulateJob(definition);
    expect(failures).toBeGreaterThan(1);
    expect(result.accumulators).toEqual({ seen: 10 });
  });

  it.each([
    [
      'what is no number',
      (context: RuntimeContext) => context.addAccumulator('x', longCounter()).add(Number.NaN),
      'whole numbers up to 2^53',
    ],
    ['a fraction in a counter', (context: RuntimeContext) => context.addAccumulator('x', longCounter()).add(0.5), '0.5 was added'],
    [
      'one name for two kinds',
      (context: RuntimeContext) => {
        context.addAccumulator('x', longCounter());
        context.addAccumulator('x', histogram());
      },
      'registered as Histogram, but was before as LongCounter',
    ],
    ['no name', (context: RuntimeContext) => context.addAccumulator('', longCounter()), 'must be a string of 1 to 100 characters'],
    [
      'too many different numbers in a histogram',
      (context: RuntimeContext) => {
        const many = context.addAccumulator('x', histogram());
        for (let number = 0; number < 3_000; number++) many.add(number);
      },
      'more than 2048 different numbers',
    ],
  ])('refuse %s, naming the operator', async (_what, open: (context: RuntimeContext) => unknown, message) => {
    const definition = defineJob({
      name: 'refused',
      build: (env) =>
        void env
          .fromSource(fromElements([1]))
          .uid('in')
          .map({ open: (context) => void open(context), map: (number) => number })
          .uid('odd')
          .sinkTo(collectSink<number>())
          .uid('out'),
    });
    const result = await simulateJob(definition);
    expect(result.status).toBe('FAILED');
    expect(result.cause).toMatchObject({ code: 'ACCUMULATOR_INVALID', domain: 'program', operator: 'odd' });
    expect(result.cause?.message).toContain(message);
  });
});
