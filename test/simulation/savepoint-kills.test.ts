// At every single call that a trigger, a cancellation with a savepoint, a restore or a disposal makes, from the client's first
// to the last one that carries it out, whoever makes it is killed, before the call has its effect or just after; then the
// client tries again. What comes of it is one of the two legal outcomes, and the result is exact.
import { expect, it } from 'vitest';
import { messageOf } from '../../src/base/errors.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { type FaultKind, type FaultPlan, faultKindsOf, faultsAt, type PortCall } from '../../src/testing/index.ts';
import { describeCall } from './broken-runs.ts';
import { countsOfCounts } from './jobs.ts';
import { inWorld, type World } from './support/world.ts';

const job = countsOfCounts(24, { recordsPerSecond: 6 });
/** An environment is killed with all that runs in it, an execution with what it has not started yet. */
const kills: readonly FaultKind[] = ['loseEnvironment', 'loseEnvironmentAfter', 'loseExecution'];
const sorted = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).sort();

const straight = inWorld({}, async (world) => {
  world.deploy('counts', job.definition);
  await world.ended(await world.start('counts', { parallelism: 2 }));
  return sorted(world.output(job.sink));
});

/** What is done and looked at; `mark` says where the calls begin, and where they end, that are to be struck. */
type Scene = (world: World, mark: () => void) => Promise<void>;

async function live(scene: Scene, plan: FaultPlan, mark: (world: World) => void = () => undefined): Promise<void> {
  await inWorld({ faults: plan }, async (world) => {
    world.deploy('counts', job.definition);
    await scene(world, () => mark(world));
  });
}

/** The calls between the two marks. */
async function callsOf(scene: Scene): Promise<readonly PortCall[]> {
  const calls: PortCall[] = [];
  const marks: number[] = [];
  const plan: FaultPlan = (call) => {
    calls.push(call);
    return undefined;
  };
  await live(scene, plan, (world) => marks.push(world.cloud.calls.count));
  expect(marks).toHaveLength(2);
  return calls.slice(marks[0], marks[1]);
}

async function brokenBy(scene: Scene, kind: FaultKind): Promise<{ readonly struck: number; readonly broken: readonly string[] }> {
  const struck = (await callsOf(scene)).filter((call) => faultKindsOf(call).includes(kind));
  const broken: string[] = [];
  for (const call of struck) {
    try {
      await live(scene, faultsAt({ [call.index]: kind }));
    } catch (error) {
      broken.push(`${kind} at ${describeCall(call)}: ${messageOf(error).slice(0, 1_000)}`);
    }
    if (broken.length >= 5) break;
  }
  return { struck: struck.length, broken };
}

const begun = async (world: World): Promise<string> => {
  const jobId = await world.start('counts', { parallelism: 2 });
  await world.atCheckpoint(jobId, 1);
  return jobId;
};

/** The rest of the job, from its savepoint, makes the output whole. */
async function expectRest(world: World, path: string, parallelism: number): Promise<void> {
  const jobId = await world.start('counts', { parallelism, restore: { path } });
  expect((await world.ended(jobId)).status).toBe('FINISHED');
  expect(sorted(world.output(job.sink))).toEqual(await straight);
}

const scenes: { readonly [name: string]: Scene } = {
  'a native savepoint': async (world, mark) => {
    const jobId = await begun(world);
    mark();
    const path = await world.savepoint({ jobId, kind: 'savepoint' });
    mark();
    await openSnapshot(world.cloud.for(), path);
    expect((await world.ended(jobId)).status).toBe('FINISHED');
    expect(sorted(world.output(job.sink))).toEqual(await straight);
    await openSnapshot(world.cloud.for(), path);
  },
  'a canonical savepoint': async (world, mark) => {
    const jobId = await begun(world);
    mark();
    const path = await world.savepoint({ jobId, kind: 'savepoint', format: 'canonical' });
    mark();
    expect((await openSnapshot(world.cloud.for(), path)).selfContained).toBe(true);
    expect((await world.ended(jobId)).status).toBe('FINISHED');
    expect(sorted(world.output(job.sink))).toEqual(await straight);
  },
  'a cancellation with a savepoint': async (world, mark) => {
    const jobId = await begun(world);
    mark();
    const answer = await world.ask({ jobId, kind: 'cancel' });
    const { status } = await world.ended(jobId);
    mark();
    // Both or neither: the job may have come to its end before it could be cancelled.
    expect([answer.kind, status]).toEqual(answer.kind === 'savepoint' ? ['savepoint', 'CANCELED'] : ['failed', 'FINISHED']);
    if (answer.kind === 'savepoint') await expectRest(world, answer.path, 3);
    else expect(sorted(world.output(job.sink))).toEqual(await straight);
  },
  'a restore': async (world, mark) => {
    const path = await world.savepoint({ jobId: await begun(world), kind: 'stop' });
    mark();
    const jobId = await world.start('counts', { parallelism: 3, restore: { path } });
    await world.when(jobId, ({ latest, claims }) => latest.attempt > 0 && claims !== true);
    mark();
    expect((await world.ended(jobId)).status).toBe('FINISHED');
    expect(sorted(world.output(job.sink))).toEqual(await straight);
    expect(await world.dispose(path)).toMatchObject({ kind: 'done' });
  },
  'a restore that takes the savepoint over': async (world, mark) => {
    const path = await world.savepoint({ jobId: await begun(world), kind: 'stop' });
    mark();
    const jobId = await world.start('counts', { parallelism: 2, restore: { path, claimMode: 'claim' } });
    expect((await world.ended(jobId)).status).toBe('FINISHED');
    mark();
    expect(sorted(world.output(job.sink))).toEqual(await straight);
    expect(world.snapshot(path)?.state).toBe('deleted');
  },
  'a disposal': async (world, mark) => {
    const jobId = await begun(world);
    const early = await world.savepoint({ jobId, kind: 'savepoint' });
    const path = await world.savepoint({ jobId, kind: 'stop' });
    mark();
    const told = await world.dispose(path);
    mark();
    // Told that it is done, or on the second try that it is gone.
    if (told.kind === 'refused') expect(told.code).toBe('SAVEPOINT_DISPOSED');
    expect(world.snapshot(path)?.state).toBe('deleted');
    expect(world.cloud.objects.names(path)).toEqual([]);
    await openSnapshot(world.cloud.for(), early);
    expect(await world.dispose(early)).toMatchObject({ kind: 'done' });
    expect(await world.stored()).toEqual([]);
  },
};

/** Nobody but the client takes part in a disposal: no execution is there to be lost. */
const strikes = Object.entries(scenes).flatMap(([name, scene]) =>
  kills.filter((kind) => name !== 'a disposal' || kind !== 'loseExecution').map((kind) => [name, kind, scene] as const),
);

it.each(strikes)(
  '%s comes to one of its legal outcomes wherever %s strikes, once it is tried again',
  async (_name, kind, scene) => {
    const { struck, broken } = await brokenBy(scene, kind);
    expect(broken).toEqual([]);
    expect(struck).toBeGreaterThan(0);
  },
  600_000,
);
