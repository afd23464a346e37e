// Catches: savepoints that are reported but not there, jobs that end without the savepoint they were to end with, output
// after the barrier, requests that are lost, answered twice or waited for in vain. The simulation's own checkers look at
// every revision of job record and operations; the tests say what a caller is told.
import { describe, expect, it } from 'vitest';
import { type Collector, defineJob, maxWatermark } from '../../src/index.ts';
import {
  collectSink,
  type FaultPlan,
  fromElements,
  type PortCall,
  type SimulatedRequest,
  type SimulationOptions,
  type SimulationResult,
  simulateJob,
} from '../../src/testing/index.ts';
import { countsOfCounts, delaysByAirport } from './jobs.ts';

const job = countsOfCounts(80, { recordsPerSecond: 8, irregular: true });
/** Emits by timers at the end of event time alone. */
const atTheEnd = delaysByAirport(80, { recordsPerSecond: 8 });

const run = async (requests: readonly SimulatedRequest[], options: SimulationOptions = {}, of = job): Promise<SimulationResult> =>
  await simulateJob(of.definition, { parallelism: 2, compareWithReference: true, compareSubtasks: true, requests, ...options });

const savepointIn = (directory: string) => ({
  kind: 'completed',
  result: { kind: 'savepoint', path: expect.stringMatching(new RegExp(`^${directory}/savepoint-[0-9a-f]{6}-[0-9a-f]{12}$`)) as string },
});
const savepoint = savepointIn('s3://simulation/savepoints');
const failedWith = (code: string) => ({ kind: 'completed', result: { kind: 'failed', failure: { code } } });

describe('a savepoint', () => {
  it('is taken of a running job, which goes on to its end', async () => {
    const { status, answers } = await run([{ kind: 'savepoint', afterCheckpoint: 2 }]);
    expect(status).toBe('FINISHED');
    expect(answers).toMatchObject([[savepoint]]);
  });

  it('goes where the request says, before anything that is configured', async () => {
    const { answers } = await run([{ kind: 'savepoint', directory: 's3://elsewhere/a/b/' }]);
    expect(answers).toMatchObject([[savepointIn('s3://elsewhere/a/b')]]);
  });

  it('goes where the job says, if the request does not', async () => {
    const { build } = job.definition;
    const definition = defineJob({ name: 'own', savepoints: { directory: 's3://of-the-job/savepoints' }, build });
    const { answers } = await simulateJob(definition, { requests: [{ kind: 'savepoint' }] });
    expect(answers).toMatchObject([[savepointIn('s3://of-the-job/savepoints')]]);
  });

  it('into a directory that is none is refused before the job is touched', async () => {
    const { answers, record } = await run([{ kind: 'savepoint', directory: 'savepoints' }]);
    expect(answers).toMatchObject([[{ kind: 'refused', code: 'SAVEPOINT_DIRECTORY_INVALID' }]]);
    expect(record.pinnedUpTo).toBe(0);
  });

  it('that several ask for at once is one', async () => {
    const { answers } = await run([{ kind: 'savepoint', afterCheckpoint: 2, callers: 3 }]);
    const paths = new Set(
      answers[0]!.map((answer) => (answer.kind === 'completed' && 'path' in answer.result ? answer.result.path : answer)),
    );
    expect(paths.size).toBe(1);
    expect(answers[0]).toMatchObject([savepoint, savepoint, savepoint]);
  });

  it('of a job that has ended fails, and says how the job ended', async () => {
    const { answers } = await run([{ kind: 'savepoint', afterCheckpoint: 1_000_000 }]);
    expect(answers).toMatchObject([[failedWith('JOB_ENDED')]]);
  });
});

describe('a checkpoint that is asked for', () => {
  it('is named by its number', async () => {
    const { answers, checkpoints } = await run([{ kind: 'checkpoint', afterCheckpoint: 2 }]);
    const named = answers.flat().map((answer) => answer.kind === 'completed' && 'checkpoint' in answer.result && answer.result.checkpoint);
    expect(checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(expect.arrayContaining(named));
  });
});

describe('cancelling', () => {
  it('with a savepoint ends the job with the commit that holds it', async () => {
    const { status, answers, checkpoints, record } = await run([{ kind: 'cancel', afterCheckpoint: 2 }]);
    expect(status).toBe('CANCELED');
    expect(answers).toMatchObject([[savepoint]]);
    expect(checkpoints.at(-1)!.checkpoint).toBe(record.pinnedUpTo);
  });

  it('without one ends the job at once, and fails what still waited', async () => {
    const { status, answers } = await run([
      { kind: 'cancelNow', afterCheckpoint: 2 },
      { kind: 'stop', afterCheckpoint: 2 },
    ]);
    expect(status).toBe('CANCELED');
    expect(answers).toMatchObject([[{ kind: 'cancel', reply: 'accepted' }], [failedWith('JOB_ENDED')]]);
  });

  it('is accepted once, and known again', async () => {
    const { answers } = await run([{ kind: 'cancelNow', afterCheckpoint: 2, callers: 3 }]);
    const replies = answers[0]!.map((answer) => (answer.kind === 'cancel' ? answer.reply : answer.kind)).toSorted();
    expect(replies).toEqual(['accepted', 'alreadyCanceled', 'alreadyCanceled']);
  });

  it('comes too late for a job that has finished', async () => {
    const { status, answers } = await run([{ kind: 'cancelNow', afterCheckpoint: 1_000_000 }]);
    expect(status).toBe('FINISHED');
    expect(answers).toEqual([[{ kind: 'cancel', reply: 'ended' }]]);
  });
});

describe('stopping', () => {
  it('ends the job with a savepoint, and fires nothing that was not due', async () => {
    const { status, answers, output, checkpoints } = await run([{ kind: 'stop', afterCheckpoint: 2 }], {}, atTheEnd);
    expect(status).toBe('FINISHED');
    expect(answers).toMatchObject([[savepoint]]);
    expect(output(atTheEnd.sink)).toEqual([]);
    expect(checkpoints.at(-1)!.vertices.some((vertex) => vertex.subtasks.some(({ watermark }) => watermark !== null))).toBe(true);
  });

  it('with draining fires all timers before the savepoint, and keeps no watermark', async () => {
    const { status, answers, output, checkpoints } = await run([{ kind: 'stop', drain: true, afterCheckpoint: 4 }], {}, atTheEnd);
    expect(status).toBe('FINISHED');
    expect(answers).toMatchObject([[savepoint]]);
    expect(output(atTheEnd.sink).length).toBeGreaterThan(0);
    expect(checkpoints.at(-1)!.vertices.every((vertex) => vertex.subtasks.every(({ watermark }) => watermark === null))).toBe(true);
  });

  it('with draining reads nothing more, and waits for what was asked before', async () => {
    const { answers, record, checkpoints } = await run([
      { kind: 'savepoint', afterCheckpoint: 3 },
      { kind: 'stop', drain: true, afterCheckpoint: 3, delayMs: 60 },
    ]);
    expect(answers).toMatchObject([[savepoint], [savepoint]]);
    expect(record.statistics!.recordsIn).toBe(0);
    expect(checkpoints.length).toBeGreaterThanOrEqual(4);
  });

  it('and cancelling at once end the job in the way that was asked first', async () => {
    const { status, answers } = await run([
      { kind: 'stop', afterCheckpoint: 2 },
      { kind: 'cancel', afterCheckpoint: 2 },
    ]);
    const told = answers.flat().map((answer) => (answer.kind === 'completed' ? answer.result.kind : answer.kind));
    expect(told.toSorted()).toEqual(['failed', 'savepoint']);
    expect(status).toBe(told[0] === 'savepoint' ? 'FINISHED' : 'CANCELED');
  });
});

describe('the checkpoints of a job that has ended', () => {
  const cancelled = (retention: SimulationOptions['retention'] = {}) => run([{ kind: 'cancelNow', afterCheckpoint: 4 }], { retention });

  it('stay when it was cancelled, as snapshots that name them', async () => {
    const { snapshots, record } = await cancelled();
    expect(snapshots).toMatchObject([{ kind: 'checkpoint', checkpoint: record.latest.checkpoint, state: 'live', effectsDone: true }]);
    expect(snapshots[0]!.path).toMatch(/\/chk-\d+$/);
  });

  it('are as many as the policy keeps', async () => {
    const { snapshots, record } = await cancelled({ kept: 3 });
    const { checkpoint } = record.latest;
    expect(snapshots.map((snapshot) => snapshot.checkpoint)).toEqual([checkpoint - 2, checkpoint - 1, checkpoint]);
  });

  it('go when it was cancelled and the policy says so, and when it has finished', async () => {
    expect((await cancelled({ onCancel: 'delete' })).snapshots).toEqual([]);
    const finished = await run([]);
    expect(finished.snapshots).toEqual([]);
    expect(finished.stored('s3://simulation/weir/checkpoints/')).toEqual([]);
  });

  it('go when it was stopped, but what its savepoint needs stays', async () => {
    const { snapshots, stored } = await run([{ kind: 'stop', afterCheckpoint: 2 }]);
    expect(snapshots).toMatchObject([{ kind: 'savepoint', state: 'live' }]);
    expect(stored('s3://simulation/weir/checkpoints/').filter((uri) => uri.includes('/manifest-'))).toEqual([]);
  });
});

describe('a savepoint whose metadata can’t be written', () => {
  const denied = (call: PortCall) => call.operation === 'objects.put' && call.target.includes('/savepoints/');
  const faults: FaultPlan = (call) => (denied(call) ? { kind: 'errorBefore' } : undefined);

  it.each(['savepoint', 'cancel', 'stop'] as const)('fails the %s alone: the job goes on to its end', async (kind) => {
    const { status, answers, record } = await run([{ kind, afterCheckpoint: 2 }], { faults });
    expect(answers).toMatchObject([[failedWith('SAVEPOINT_NOT_WRITTEN')]]);
    expect([status, record.totals.restarts, record.pinnedUpTo]).toEqual(['FINISHED', 0, 0]);
  });

  it('does not fail what was asked for at the same time into another directory', async () => {
    const { answers } = await run(
      [
        { kind: 'savepoint', afterCheckpoint: 2 },
        { kind: 'savepoint', afterCheckpoint: 2, directory: 's3://elsewhere' },
      ],
      { faults },
    );
    expect(answers).toMatchObject([[failedWith('SAVEPOINT_NOT_WRITTEN')], [savepointIn('s3://elsewhere')]]);
  });
});

describe('a job with nothing to do', () => {
  /** Its source is asked less and less often, so that the driver sleeps. */
  const idle = countsOfCounts(6, { recordsPerSecond: 0.02 });
  const asleep = async (request: SimulatedRequest) => {
    const result = await simulateJob(idle.definition, { requests: [{ ...request, afterCheckpoint: 1, delayMs: 20_000 }] });
    const askedAt = Number(result.journal.find((line) => line.includes('functions.invoke control'))?.split(' ')[1]);
    return {
      ...result,
      askedAt,
      woken: result.journal.some((line) => line.includes('control#') && line.includes('workflows.sendTaskSuccess')),
    };
  };

  it('is woken for a savepoint', async () => {
    const { answers, woken } = await asleep({ kind: 'savepoint' });
    expect(answers).toMatchObject([[savepoint]]);
    expect(woken).toBe(true);
  });

  it('is woken to be cancelled, with a savepoint or without', async () => {
    expect((await asleep({ kind: 'cancel' })).status).toBe('CANCELED');
    const { status, virtualMs, askedAt } = await asleep({ kind: 'cancelNow' });
    expect(status).toBe('CANCELED');
    expect(virtualMs - askedAt).toBeLessThan(3_000);
  });
});

describe('a job that waits to be restarted', () => {
  /** A slot that dies again and again, so often. */
  const dying = (times: number): FaultPlan => {
    let calls = 0;
    return ({ operation, target }) =>
      operation === 'functions.invoke' && target === 'slot-0' && ++calls > 8 && calls <= 8 + times
        ? { kind: 'loseEnvironment' }
        : undefined;
  };
  const during = (kind: SimulatedRequest['kind'], times: number) =>
    run([{ kind, afterCheckpoint: 1, delayMs: 12_000 }], { faults: dying(times) });

  it('takes a savepoint when it runs again', async () => {
    const { status, answers, record } = await during('savepoint', 6);
    expect(answers).toMatchObject([[savepoint]]);
    expect(status).toBe('FINISHED');
    expect(record.totals.restarts).toBeGreaterThan(3);
  });

  it('is cancelled at once, without waiting', async () => {
    const { status, virtualMs, journal, record } = await during('cancelNow', 1_000);
    const askedAt = Number(journal.find((line) => line.includes('functions.invoke control'))?.split(' ')[1]);
    expect(status).toBe('CANCELED');
    expect(record.restartAt).toBeGreaterThan(record.statusAt + 1_000);
    expect(virtualMs - askedAt).toBeLessThan(1_000);
  });
});

describe('a drained savepoint', () => {
  it('is gone on from where the input stood, with event time begun anew', async () => {
    const events = Array.from({ length: 40 }, (_, index) => ({ key: 'one', at: index * 1_000 }));
    const sink = collectSink<string>('heard');
    const definition = defineJob({
      name: 'heard',
      build(env) {
        env
          .fromSource(fromElements(events, { recordsPerSecond: 8 }), { timestamp: ({ at }) => at })
          .uid('events')
          .keyBy('key')
          .process({
            onElement({ at }, { timers }, out: Collector<string>) {
              out.collect(`element ${at}${timers.currentWatermark === maxWatermark ? ', too late' : ''}`);
              timers.registerEventTimeTimer(at + 500);
            },
            onTimer(time, _context, out: Collector<string>) {
              out.collect(`timer ${time}`);
            },
          })
          .uid('heard')
          .sinkTo(sink)
          .uid('out');
      },
    });
    const first = await simulateJob(definition, { requests: [{ kind: 'stop', drain: true, afterCheckpoint: 2 }] });
    const second = await simulateJob(definition, { resume: { from: first } });
    const heard = [...second.output(sink)];
    const read = heard.filter((each) => each.startsWith('element'));
    expect(first.status).toBe('FINISHED');
    expect(second.checkpoints.length).toBeGreaterThan(1);
    expect(read.toSorted()).toEqual(events.map(({ at }) => `element ${at}`).toSorted());
    const fired = heard.filter((each) => each.startsWith('timer'));
    expect(fired.toSorted()).toEqual(events.map(({ at }) => `timer ${at + 500}`).toSorted());
  });
});
