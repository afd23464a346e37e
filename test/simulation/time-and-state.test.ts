// All kinds of state, and timers of processing time: what a checkpoint holds of them, and that an idle job wakes for them.
import { describe, expect, it } from 'vitest';
import {
  aggregatingState,
  type Collector,
  defineJob,
  listState,
  mapState,
  maxWatermark,
  reducingState,
  type TimeDomain,
} from '../../src/index.ts';
import { collectSink, fromElements, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { type Epochs, job, type SimulatedJob } from './jobs.ts';
import { swarms } from './swarms.ts';

interface Visit {
  readonly user: string;
  readonly page: string;
  readonly ms: number;
}

const visits = (count: number): readonly Visit[] =>
  Array.from({ length: count }, (_, index) => ({ user: `u${(index * 3) % 4}`, page: `p${(index * 5) % 3}`, ms: 10 + ((index * 7) % 13) }));

function profiles(count: number, epochs: Epochs): SimulatedJob {
  const sink = collectSink<unknown>('profiles');
  const definition = defineJob({
    name: 'profiles',
    build(env) {
      env
        .fromSource(fromElements(visits(count), { ...epochs, splits: 1 }))
        .uid('visits')
        .keyBy('user')
        .process({
          state: {
            pages: listState<string>(),
            byPage: mapState<string, number>(),
            longest: reducingState<number>({ reduce: (a, b) => Math.max(a, b) }),
            mean: aggregatingState({
              create: () => ({ visits: 0, ms: 0 }),
              add: (sum, ms: number) => ({ visits: sum.visits + 1, ms: sum.ms + ms }),
              result: ({ visits: all, ms }) => ms / all,
            }),
          },
          onElement({ page, ms }, { state, timers }) {
            if (page === 'p0') state.pages.clear();
            else state.pages.add(page);
            if (page === 'p2') state.byPage.delete('p1');
            state.byPage.put(page, (state.byPage.get(page) ?? 0) + 1);
            state.longest.add(ms);
            state.mean.add(ms);
            timers.registerEventTimeTimer(maxWatermark);
          },
          onTimer(_time, { key, state }, out: Collector<unknown>) {
            out.collect({
              user: key,
              pages: state.pages.get(),
              byPage: [...state.byPage],
              longest: state.longest.get(),
              mean: state.mean.get(),
            });
          },
        })
        .uid('profiles')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('profiles', sink, definition);
}

interface Reminder {
  readonly user: string;
  readonly lateMs: number;
  readonly domain: TimeDomain;
  readonly timestamp: number | undefined;
}

/** Each visit is reminded of a while later, unless another one comes; a chain of operators after it sees what timers emit. */
function reminders(count: number, epochs: Epochs, sink = collectSink<Reminder>('reminders')): SimulatedJob {
  const definition = defineJob({
    name: 'reminders',
    build(env) {
      env
        .fromSource(fromElements(visits(count), { ...epochs, splits: 1 }))
        .uid('visits')
        .keyBy('user')
        .process({
          state: { due: mapState<string, number>() },
          onElement({ page }, { state, timers }) {
            const before = state.due.get(page);
            if (before !== undefined) timers.deleteProcessingTimeTimer(before);
            const due = timers.currentProcessingTime + 700 + page.charCodeAt(1);
            state.due.put(page, due);
            timers.registerProcessingTimeTimer(due);
          },
          onTimer(time, { key, state, timers, timeDomain, timestamp }, out: Collector<Reminder>) {
            for (const [page, due] of state.due) if (due === time) state.due.delete(page);
            out.collect({ user: key, lateMs: timers.currentProcessingTime - time, domain: timeDomain, timestamp });
          },
        })
        .uid('reminders')
        .keyBy('user')
        .reduce((_before, reminder) => reminder)
        .uid('latest')
        .sinkTo(sink)
        .uid('out');
    },
  });
  return job('reminders', sink as SimulatedJob['sink'], definition);
}

describe.each([
  ['all kinds of state', profiles],
  ['processing-time timers', reminders],
] as const)('%s', (_name, make) => {
  it.each([1, 2, 3])('equal the reference at parallelism %i, at every checkpoint', async (parallelism) => {
    const { definition, sink } = make(40, { recordsPerSecond: 6 });
    const result = await simulateJob(definition, { parallelism, compareWithReference: true });
    expect(result.status).toBe('FINISHED');
    expect(result.checkpoints.length).toBeGreaterThan(4);
    expect(result.output(sink).length).toBeGreaterThan(3);
  });

  it('are exact whatever swarm of faults strikes', async () => {
    expect(await brokenRuns(make(24, { recordsPerSecond: 8, irregular: true }), swarms)).toEqual([]);
  });
});

describe('a processing-time timer', () => {
  it('wakes a job that has nothing else to do', async () => {
    const sink = collectSink<Reminder>('reminders');
    const { definition } = reminders(4, { recordsPerSecond: 0.05 }, sink);
    const result = await simulateJob(definition, { compareWithReference: true });
    // The last visit's is not waited for: its input has ended.
    expect(result.output(sink)).toHaveLength(3);
    for (const { lateMs, domain } of result.output(sink)) {
      expect(domain).toBe('processingTime');
      expect(lateMs).toBeLessThan(1_500);
    }
  });
});
