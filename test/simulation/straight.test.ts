// Without faults: the state of every checkpoint and the visible output equal those of the reference run.
import { describe, expect, it } from 'vitest';
import { simulateJob } from '../../src/testing/index.ts';
import { countsByTime, countsOfCounts, delaysByAirport } from './jobs.ts';

const jobs = [
  delaysByAirport(120, { recordsPerSecond: 25 }),
  countsOfCounts(60, { recordsPerSecond: 12 }),
  countsByTime(90, { recordsPerSecond: 40, irregular: true }),
];

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [3, 3],
    [5, 3],
  ])('equals the reference at parallelism %i on %i slots, at every checkpoint', async (parallelism, slots) => {
    const result = await simulateJob(job.definition, { parallelism, slots, compareWithReference: true });
    expect(result.status).toBe('FINISHED');
    expect(result.checkpoints.length).toBeGreaterThan(2);
    expect(result.output(job.sink).length).toBeGreaterThan(0);
    expect(result.record.totals.restarts).toBe(0);
  });

  it('equals the reference when all state is kept in objects', async () => {
    const result = await simulateJob(job.definition, { parallelism: 2, segmentInlineBytes: 0, compareWithReference: true });
    expect(result.status).toBe('FINISHED');
    expect(
      result.checkpoints
        .at(-1)
        ?.vertices.flatMap((vertex) => vertex.subtasks.flatMap((each) => each.segments))
        .every((segment) => segment.at.kind === 'object'),
    ).toBe(true);
  });
});
