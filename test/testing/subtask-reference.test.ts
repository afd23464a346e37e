// Catches: a comparison with the reference of subtasks that would let a difference pass.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, type JobDefinition, valueState } from '../../src/index.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';

const numbers = Array.from({ length: 30 }, (_, index) => index);

/** Functions may not remember anything outside of state; this one does, so that no two runs of it are the same. */
function forgetful(kind: 'output' | 'state' | 'timers' | 'order'): JobDefinition {
  let calls = 0;
  const seen = new Set<number>();
  return defineJob({
    name: 'forgetful',
    build(env) {
      env
        .fromSource(fromElements(numbers, { recordsPerSecond: 10, splits: 1 }), { timestamp: (number) => number * 100 })
        .uid('in')
        .keyBy((number) => number % 3)
        .process({
          state: { last: valueState<number>() },
          onElement(number, { state, timers }, out: Collector<number>) {
            state.last.update(kind === 'state' ? calls++ : number);
            timers.registerEventTimeTimer(10_000_000 + (kind === 'timers' ? calls++ : number));
            out.collect(kind === 'output' ? calls++ : number);
            // First one way round, and then the other.
            if (kind === 'order') for (const each of seen.has(number) ? [2, 1] : [1, 2]) out.collect(each);
            seen.add(number);
          },
          onTimer: () => undefined,
        })
        .uid('last')
        .sinkTo(collectSink<number>())
        .uid('out');
    },
  }) as JobDefinition;
}

describe('a run that is compared subtask by subtask', () => {
  it.each([
    ['output', 'Invariant 4'],
    ['state', 'Invariant 3: state last'],
    ['timers', 'Invariant 3: the timers'],
    ['order', 'Invariant 4'],
  ] as const)('is refused when its %s differs from that of the reference', async (kind, message) => {
    await expect(simulateJob(forgetful(kind), { parallelism: 2, compareSubtasks: true })).rejects.toThrow(message);
  });

  it('goes through when nothing differs', async () => {
    const job = defineJob({
      name: 'same',
      build(env) {
        env
          .fromSource(fromElements(numbers))
          .uid('in')
          .rebalance()
          .map((number) => number * 2)
          .uid('twice')
          .sinkTo(collectSink<number>())
          .uid('out');
      },
    });
    const result = await simulateJob(job, { parallelism: 3, compareSubtasks: true });
    expect(result.status).toBe('FINISHED');
  });
});
