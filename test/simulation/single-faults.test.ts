// One fault at every single port call of a short run, one by one, of every kind that can happen there.
import { describe, expect, it } from 'vitest';
import { faultKinds, faultKindsOf, faultsAt } from '../../src/testing/index.ts';
import { brokenRuns, callsOf, describeCall } from './broken-runs.ts';
import { countsOfCounts, delaysByAirport, type SimulatedJob, straightThrough } from './jobs.ts';

const jobs: readonly SimulatedJob[] = [
  delaysByAirport(24, { recordsPerSecond: 10 }),
  countsOfCounts(16, { recordsPerSecond: 20, irregular: true }),
  straightThrough(16, { recordsPerSecond: 20, irregular: true }),
];

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it.each(faultKinds)(
    'is exact whichever port call has the fault %s',
    async (kind) => {
      const struck = (await callsOf(job)).filter((call) => faultKindsOf(call).includes(kind));
      expect(struck.length).toBeGreaterThan(0);
      const runs = struck.map((call) => ({ name: `${kind} at ${describeCall(call)}`, faults: faultsAt({ [call.index]: kind }) }));
      expect(await brokenRuns(job, runs)).toEqual([]);
    },
    600_000,
  );
});
