// One fault at every single port call of submitting a restore and of the run that follows, of every kind that can happen
// there: the restore goes through as if nothing had happened, or is refused and leaves nothing behind.
import { describe, expect, it } from 'vitest';
import { faultKinds, faultKindsOf, faultsAt, type SimulationResult, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns, callsOf, describeCall } from './broken-runs.ts';
import { delaysByAirport } from './jobs.ts';

const job = delaysByAirport(36, { recordsPerSecond: 10, splits: 3 });

let stopped: Promise<SimulationResult> | undefined;
const stop = (): Promise<SimulationResult> => {
  stopped ??= simulateJob(job.definition, { parallelism: 2, requests: [{ kind: 'stop', afterCheckpoint: 2 }] });
  return stopped;
};

describe('a job', () => {
  it.each(faultKinds)(
    'is restored exactly whichever port call has the fault %s',
    async (kind) => {
      const claimMode = faultKinds.indexOf(kind) % 2 === 0 ? ('claim' as const) : ('no_claim' as const);
      const resume = { from: await stop(), claimMode };
      const struck = (await callsOf(job, { parallelism: 3, resume })).filter((call) => faultKindsOf(call).includes(kind));
      expect(struck.length).toBeGreaterThan(0);
      const runs = struck.map((call) => ({
        name: `${kind} at ${describeCall(call)}`,
        parallelism: 3,
        resume,
        faults: faultsAt({ [call.index]: kind }),
      }));
      expect(await brokenRuns(job, runs)).toEqual([]);
    },
    600_000,
  );
});
