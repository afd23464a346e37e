// Faults in pairs, and in swarms, at random calls. Set WEIR_SEEDS for more seeds, WEIR_SEED for the first of them.
import { describe, expect, it } from 'vitest';
import { randomFaults, scatteredFaults, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns } from './broken-runs.ts';
import { countsByTime, countsOfCounts, delaysByAirport, straightThrough } from './jobs.ts';

const seeds = Number(process.env['WEIR_SEEDS'] ?? 100);
const firstSeed = Number(process.env['WEIR_SEED'] ?? 1);
const epochs = { recordsPerSecond: 20, irregular: true };
const jobs = [delaysByAirport(30, epochs), countsOfCounts(20, epochs), countsByTime(30, epochs), straightThrough(20, epochs)];
const range = Array.from({ length: seeds }, (_, index) => firstSeed + index);

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it('is exact whatever pair of faults strikes', async () => {
    const among = (await simulateJob(job.definition, { parallelism: 2 })).journal.length;
    const runs = range.map((seed) => ({ name: `pair of seed ${seed}`, seed, faults: scatteredFaults({ seed, count: 2, among }) }));
    expect(await brokenRuns(job, runs)).toEqual([]);
  }, 600_000);

  it('is exact whatever swarm of faults strikes', async () => {
    const runs = range.map((seed) => ({
      name: `swarm of seed ${seed}`,
      seed,
      parallelism: 3,
      environmentsPerFunction: 1 + (seed % 3),
      faults: randomFaults({ seed, probability: 0.02, untilCall: 600 }),
    }));
    expect(await brokenRuns(job, runs)).toEqual([]);
  }, 600_000);
});
