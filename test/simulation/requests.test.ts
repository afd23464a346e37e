// Catches: savepoints that are reported but not there, jobs that end without the savepoint they were to end with, output
// after the barrier, requests that are lost, answered twice or waited for in vain. The simulation's own checkers look at
// every revision of job record and operations; the tests say what a caller is told.
import { describe, expect, it } from 'vitest';
import { type SimulatedRequest, type SimulationOptions, type SimulationResult, simulateJob } from '../../src/testing/index.ts';
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
