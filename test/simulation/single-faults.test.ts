// One fault at every single port call of a short run, one by one, of every kind that can happen there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultKind, faultKindsOf, faultsAt, type PortCall, simulateJob } from '../../src/testing/index.ts';
import { brokenRuns, type FaultyRun } from './broken-runs.ts';
import { countsOfCounts, delaysByAirport, type SimulatedJob } from './jobs.ts';

const jobs: readonly SimulatedJob[] = [
  delaysByAirport(24, { recordsPerSecond: 10 }),
  countsOfCounts(16, { recordsPerSecond: 20, irregular: true }),
];
const kinds: readonly FaultKind[] = [
  'errorBefore',
  'throttled',
  'errorAfter',
  'errorLate',
  'delay',
  'doubled',
  'echo',
  'loseEnvironment',
  'loseEnvironmentAfter',
  'zombie',
  'loseExecution',
];

async function callsOf(job: SimulatedJob): Promise<readonly PortCall[]> {
  const calls: PortCall[] = [];
  const note = (call: PortCall) => void calls.push(call);
  await simulateJob(job.definition, { parallelism: 2, faults: (call) => note(call) as undefined });
  return calls;
}

// The interpreter of workflows makes errors by the thousand to leave loops; their stacks would take most of the time.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it.each(kinds)('is exact whichever port call has the fault %s', async (kind) => {
    const runs: FaultyRun[] = (await callsOf(job))
      .filter((call) => faultKindsOf(call).includes(kind))
      .map((call) => ({
        name: `${kind} at call ${call.index}, ${call.operation} of ${call.target} from ${call.from}`,
        faults: faultsAt({ [call.index]: kind }),
      }));
    expect(runs.length).toBeGreaterThan(0);
    expect(await brokenRuns(job, 2, runs)).toEqual([]);
  });
});
