// The golden property: a straight run equals a run that is stopped with a savepoint at parallelism 2 and resumed at 3. Both
// halves are compared with the reference at every checkpoint, and in the end what both together have made visible.
import { describe, expect, it } from 'vitest';
import { type SimulationOptions, type SimulationResult, simulateJob } from '../../src/testing/index.ts';
import { countsByTime, countsOfCounts, delaysByAirport, type SimulatedJob, straightThrough } from './jobs.ts';

const jobs = [
  delaysByAirport(120, { recordsPerSecond: 12, splits: 4 }),
  countsOfCounts(60, { recordsPerSecond: 6, splits: 4 }),
  countsByTime(120, { recordsPerSecond: 12, irregular: true, splits: 4 }),
  straightThrough(90, { recordsPerSecond: 9, splits: 4 }),
];

const compared = { compareWithReference: true };

async function stopped(of: SimulatedJob, options: SimulationOptions = {}): Promise<SimulationResult> {
  const result = await simulateJob(of.definition, {
    parallelism: 2,
    ...compared,
    requests: [{ kind: 'stop', afterCheckpoint: 3 }],
    ...options,
  });
  expect(result.checkpoints.at(-1)!.vertices.some(({ subtasks }) => subtasks.some(({ endOfInput }) => !endOfInput))).toBe(true);
  return result;
}

const foreignIn = ({ checkpoints }: SimulationResult) =>
  checkpoints.map(({ vertices }) => vertices.some(({ subtasks }) => subtasks.some(({ segments }) => segments.some((ref) => ref.foreign))));

const readBy = (...results: readonly SimulationResult[]) => results.reduce((sum, { record }) => sum + record.totals.recordsIn, 0);

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it.each([
    [2, 3],
    [3, 2],
    [2, 2],
    [1, 4],
  ])('stopped at parallelism %i and resumed at %i equals a straight run', async (before, after) => {
    const first = await stopped(job, { parallelism: before });
    const second = await simulateJob(job.definition, { parallelism: after, ...compared, resume: { from: first } });
    expect(second.status).toBe('FINISHED');
    expect(second.checkpoints[0]?.checkpoint).toBe(first.checkpoints.at(-1)!.checkpoint + 1);
    expect(foreignIn(second)).not.toContain(true);
    const straight = await simulateJob(job.definition, { parallelism: before });
    expect(readBy(first, second)).toBe(readBy(straight));
  });

  it('equals a straight run under either claim mode, with a canonical savepoint, and with all state in objects or in the manifest', async () => {
    for (const [claimMode, format, stateBackend] of [
      ['claim', 'native', 'filesystem'],
      ['no_claim', 'canonical', 'dynamodb'],
      ['claim', 'canonical', 'memory'],
      ['no_claim', 'native', 'memory'],
    ] as const) {
      const first = await stopped(job, { stateBackend, requests: [{ kind: 'stop', afterCheckpoint: 3, format }] });
      const second = await simulateJob(job.definition, { parallelism: 3, ...compared, stateBackend, resume: { from: first, claimMode } });
      expect(second.status).toBe('FINISHED');
    }
  });

  it('cancelled with a savepoint, or resumed from the checkpoint that a plain cancel retains, equals a straight run', async () => {
    for (const kind of ['cancel', 'cancelNow'] as const) {
      const first = await stopped(job, { requests: [{ kind, afterCheckpoint: 3 }] });
      expect(first.status).toBe('CANCELED');
      expect(first.restorable).toMatch(kind === 'cancel' ? /savepoint-/ : /chk-\d+$/);
      const second = await simulateJob(job.definition, { parallelism: 3, ...compared, resume: { from: first } });
      expect(second.status).toBe('FINISHED');
    }
  });

  it('equals a straight run when it is stopped and resumed again and again', async () => {
    let result = await stopped(job);
    for (const parallelism of [3, 1]) {
      const afterCheckpoint = result.record.latest.checkpoint + 1;
      result = await simulateJob(job.definition, {
        parallelism,
        ...compared,
        requests: [{ kind: 'stop', afterCheckpoint }],
        resume: { from: result },
      });
      expect(result.restorable).toMatch(/savepoint-/);
    }
    result = await simulateJob(job.definition, { parallelism: 2, ...compared, resume: { from: result } });
    expect(result.status).toBe('FINISHED');
  });
});
