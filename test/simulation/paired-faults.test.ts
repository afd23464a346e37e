// Two calls of a slot at work on the same attempt, and a fault at every port call that either of them makes.
import { describe, expect, it } from 'vitest';
import { type FaultKind, faultKindsOf, faultsAt } from '../../src/testing/index.ts';
import { brokenRuns, callsOf, describeCall, type FaultyRun } from './broken-runs.ts';
import { countsOfCounts, type SimulatedJob, straightThrough } from './jobs.ts';

const jobs: readonly SimulatedJob[] = [
  countsOfCounts(5, { recordsPerSecond: 20, irregular: true }),
  straightThrough(8, { recordsPerSecond: 20, irregular: true }),
];
const pairs: readonly (readonly [FaultKind, FaultKind])[] = [
  ['doubled', 'errorBefore'],
  ['doubled', 'errorAfter'],
  ['doubled', 'delay'],
  ['doubled', 'loseEnvironmentAfter'],
  ['zombie', 'errorBefore'],
  ['zombie', 'errorAfter'],
];
/** How many calls after the first fault the second one strikes. */
const reach = 20;

async function pairsOf(job: SimulatedJob, first: FaultKind, second: FaultKind): Promise<readonly FaultyRun[]> {
  const runs: FaultyRun[] = [];
  const doubled = (await callsOf(job)).filter((call) => call.operation === 'functions.invoke' && call.target.startsWith('slot-'));
  for (const call of doubled) {
    const after = (await callsOf(job, { faults: faultsAt({ [call.index]: first }) })).slice(call.index + 1, call.index + 1 + reach);
    for (const next of after.filter((each) => each.from.startsWith('slot-') && faultKindsOf(each).includes(second))) {
      runs.push({
        name: `${first} at ${describeCall(call)}, ${second} at ${describeCall(next)}`,
        faults: faultsAt({ [call.index]: first, [next.index]: second }),
      });
    }
  }
  return runs;
}

describe.each(jobs.map((job) => [job.name, job] as const))('%s', (_name, job) => {
  it.each(pairs)(
    'is exact when a call of a slot is %s, and then a call of a store meets %s',
    async (first, second) => {
      const runs = await pairsOf(job, first, second);
      expect(runs.length).toBeGreaterThan(0);
      expect(await brokenRuns(job, runs)).toEqual([]);
    },
    600_000,
  );
});
