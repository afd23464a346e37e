// One fault at every single port call of runs in which something is asked of the job, one by one, of every kind.
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/base/errors.ts';
import {
  type FaultPlan,
  faultKinds,
  faultKindsOf,
  faultsAt,
  type PortCall,
  type SimulatedRequest,
  type SimulationResult,
  simulateJob,
} from '../../src/testing/index.ts';
import { describeCall } from './broken-runs.ts';
import { countsOfCounts, delaysByAirport, type SimulatedJob } from './jobs.ts';

interface Scene {
  readonly name: string;
  readonly job: SimulatedJob;
  readonly requests: readonly SimulatedRequest[];
}

const counts = countsOfCounts(12, { recordsPerSecond: 6, irregular: true });
const timers = delaysByAirport(12, { recordsPerSecond: 6 });

const scenes: readonly Scene[] = [
  { name: 'a savepoint', job: counts, requests: [{ kind: 'savepoint', afterCheckpoint: 1 }] },
  { name: 'a cancellation with a savepoint', job: counts, requests: [{ kind: 'cancel', afterCheckpoint: 1 }] },
  { name: 'a cancellation', job: counts, requests: [{ kind: 'cancelNow', afterCheckpoint: 1, delayMs: 40 }] },
  { name: 'stopping', job: counts, requests: [{ kind: 'stop', afterCheckpoint: 1 }] },
  { name: 'stopping with draining', job: timers, requests: [{ kind: 'stop', drain: true, afterCheckpoint: 1 }] },
];

const simulate = async ({ job, requests }: Scene, faults: FaultPlan): Promise<SimulationResult> =>
  await simulateJob(job.definition, { parallelism: 2, compareWithReference: true, requests, faults });

const known = new Map<Scene, Promise<readonly PortCall[]>>();
/** Every run of a scene makes the same calls until a fault strikes: they are listed once. */
function callsOf(scene: Scene): Promise<readonly PortCall[]> {
  const calls = known.get(scene) ?? listCalls(scene);
  known.set(scene, calls);
  return calls;
}

/** The calls from the first that asks for something until a while after the last one; all others are another test's. */
async function listCalls(scene: Scene): Promise<readonly PortCall[]> {
  const calls: PortCall[] = [];
  await simulate(scene, (call) => {
    calls.push(call);
    return undefined;
  });
  const asking = calls.filter(({ target }) => target === 'control');
  return calls.slice(asking[0]!.index, asking.at(-1)!.index + 50);
}

/** Whether what the callers were told, and how the job ended, go together. What is stored is the checkers' to judge. */
function contradiction({ requests }: Scene, { status, answers }: SimulationResult): string | undefined {
  const [{ kind }, [answer]] = [requests[0]!, answers[0]!];
  const saved = answer?.kind === 'completed' && answer.result.kind === 'savepoint';
  if (kind === 'savepoint') return status === 'FINISHED' ? undefined : `the job ended ${status} after a savepoint`;
  if (kind === 'cancelNow')
    return status === 'CANCELED' || (answer?.kind === 'cancel' && answer.reply === 'ended') ? undefined : `the job ended ${status}`;
  const ended = kind === 'cancel' ? 'CANCELED' : 'FINISHED';
  return saved && status !== ended ? `the job ended ${status} with the savepoint` : undefined;
}

describe.each(scenes.map((scene) => [scene.name, scene] as const))('%s', (_name, scene) => {
  it.each(faultKinds)(
    'is answered truly whichever port call has the fault %s',
    async (kind) => {
      const struck = (await callsOf(scene)).filter((call) => faultKindsOf(call).includes(kind));
      expect(struck.length).toBeGreaterThan(0);
      const broken: string[] = [];
      // The interpreter of workflows makes errors by the thousand to leave loops; their stacks would take most of the time.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      for (const call of struck) {
        try {
          const found = contradiction(scene, await simulate(scene, faultsAt({ [call.index]: kind })));
          if (found !== undefined) broken.push(`${kind} at ${describeCall(call)}: ${found}`);
        } catch (error) {
          broken.push(`${kind} at ${describeCall(call)}: ${messageOf(error)}`);
        }
      }
      Error.stackTraceLimit = stackTraceLimit;
      expect(broken).toEqual([]);
    },
    600_000,
  );
});
