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
  expect(result.answers).toMatchObject([[{ kind: 'completed', result: { kind: 'savepoint' } }]]);
  return result;
}

const foreignIn = (manifests: SimulationResult['checkpoints']) =>
  manifests.map(({ vertices }) => vertices.some(({ subtasks }) => subtasks.some(({ segments }) => segments.some((ref) => ref.foreign))));

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
    expect(foreignIn(second.checkpoints)).not.toContain(true);
  });
});
