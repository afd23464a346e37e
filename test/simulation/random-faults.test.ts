// Faults in pairs, and in swarms, at random calls. Set WEIR_SEEDS for more seeds, WEIR_SEED for the first of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFaults, scatteredFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { countsByTime, countsOfCounts, delaysByAirport } from './jobs.ts';

const seeds = Number(process.env['WEIR_SEEDS'] ?? 150);
const firstSeed = Number(process.env['WEIR_SEED'] ?? 1);
const jobs = [
  delaysByAirport(30, { recordsPerSecond: 10, irregular: true }),
  countsOfCounts(20, { recordsPerSecond: 8, irregular: true }),
  countsByTime(30, { recordsPerSecond: 10, irregular: true }),
];
const range = Array.from({ length: seeds }, (_, index) => firstSeed + index);

const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it('is exact whatever pair of faults strikes', async () => {
    const among = (await simulateJob(job.definition, { parallelism: 2 })).journal.length;
    const runs = range.map((seed) => ({ name: `pair of seed ${seed}`, seed, faults: scatteredFaults({ seed, count: 2, among }) }));
    expect(await brokenRuns(job, 2, runs)).toEqual([]);
  }, 600_000);

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = range.map((seed) => ({
      name: `swarm of seed ${seed}`,
      seed,
      faults: randomFaults({ seed, probability: 0.02, untilCall: 600 }),
    }));
    expect(await brokenRuns(job, 3, runs)).toEqual([]);
  }, 600_000);
});
