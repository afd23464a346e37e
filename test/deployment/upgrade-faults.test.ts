// One fault at every single port call of an upgrade, of every kind that can happen there: the upgrade goes through, or is
// taken back, and either way the output is exact, no two jobs live at once, and one runs in the end.
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/base/errors.ts';
import type { FaultPlan, PortCall } from '../../src/testing/faults.ts';
import { faultKinds, faultKindsOf, faultsAt } from '../../src/testing/index.ts';
import { describeCall } from '../simulation/broken-runs.ts';
import { inWorld } from '../simulation/support/world.ts';
import { counting } from './counting-job.ts';
import { DeployedWorld, type Version } from './deployed-world.ts';

const count = 60;
const job = counting(count);
const first: Version = { name: 'first', definition: job.definition, target: { parallelism: 2 } };

interface Upgraded {
  readonly output: readonly string[];
  readonly outcome: string;
  readonly words: string;
}

/** Every so many-th call is struck, others for each kind; `WEIR_STRIDE=1` strikes all. */
const stride = Number(process.env['WEIR_STRIDE'] ?? 24);

async function upgrade(second: Version, faults: FaultPlan): Promise<Upgraded> {
  return await inWorld({ faults }, async (world) => {
    const deployed = new DeployedWorld(world);
    await deployed.deploy(first);
    await world.atCheckpoint(deployed.job.jobId, 2);
    const from = world.cloud.calls.count;
    const { outcome, words } = await deployed.deploy(second);
    const until = world.cloud.calls.count;
    const running = deployed.record!.job!;
    const ended = await world.ended(running);
    if (ended.status !== 'FINISHED') throw new Error(`The job ended ${ended.status}: ${JSON.stringify(ended.cause)}; ${words}`);
    spans.set(second, spans.get(second) ?? [from, until]);
    return {
      outcome,
      words,
      output: world
        .output(job.sink)
        .map((each) => JSON.stringify(each))
        .toSorted(),
    };
  });
}

const spans = new Map<Version, readonly [number, number]>();

const good: Version = { ...first, name: 'second' };
const bad: Version = { ...first, name: 'second', definition: counting(count, { failsFrom: 0 }).definition };

describe.each([
  ['a good program', good, 'succeeded'],
  ['a program that makes no checkpoint', bad, 'failed'],
] as const)('an upgrade to %s', (_name, second, expected) => {
  it.each(faultKinds)(
    'is exact whichever of its port calls has the fault %s',
    async (kind) => {
      const calls: PortCall[] = [];
      const quiet = await upgrade(second, (call) => {
        calls.push(call);
        return undefined;
      });
      expect(quiet.outcome).toBe(expected);
      const [from, until] = spans.get(second)!;
      const offset = faultKinds.indexOf(kind) % stride;
      const struck = calls
        .filter(({ index }) => index >= from && index < until)
        .filter((call) => faultKindsOf(call).includes(kind))
        .filter((_, index) => index % stride === offset);
      expect(struck.length).toBeGreaterThan(0);
      const broken: string[] = [];
      for (const call of struck) {
        const name = `${kind} at ${describeCall(call)}`;
        try {
          const { output, words } = await upgrade(second, faultsAt({ [call.index]: kind }));
          if (JSON.stringify(output) !== JSON.stringify(quiet.output)) broken.push(`${name}: another output; ${words}`);
        } catch (error) {
          broken.push(`${name}: ${messageOf(error)}`);
        }
        if (broken.length >= 5) break;
      }
      expect(broken).toEqual([]);
    },
    600_000,
  );
});
