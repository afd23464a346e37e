// Catches: a completion that was given up for lost, goes on long after another call has committed its attempt, and takes
// away with it what was committed.
import { expect, it } from 'vitest';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import type { FaultPlan } from '../../src/testing/faults.ts';
import { countsOfCounts } from './jobs.ts';
import { inWorld } from './support/world.ts';

const job = countsOfCounts(180, { recordsPerSecond: 2 });
const directories = ['s3://elsewhere/a', 's3://elsewhere/b'] as const;

/** The first call that writes savepoints writes one, can't write the other, and stands still before it says so. */
function lateAndRefused(): { readonly faults: FaultPlan; readonly wasLate: () => boolean } {
  let first: { readonly from: string; readonly target: string } | undefined;
  let failures = 0;
  let late = false;
  const faults: FaultPlan = ({ operation, target, from }) => {
    if (operation === 'objects.put' && target.startsWith('s3://elsewhere/')) {
      first ??= { from, target };
      if (from !== first.from || target === first.target) return undefined;
      failures++;
      return { kind: 'errorBefore' };
    }
    if (late || failures < 3 || from !== first?.from || operation !== 'records.get') return undefined;
    late = true;
    return { kind: 'delay', ms: 200_000 };
  };
  return { faults, wasLate: () => late };
}

it('a completion that comes late and can’t write one savepoint leaves the other, which was committed, to the job that has ended', async () => {
  const { faults, wasLate } = lateAndRefused();
  await inWorld({ faults }, async (world) => {
    world.deploy('counts', job.definition);
    const jobId = await world.start('counts', { parallelism: 2 });
    await world.atCheckpoint(jobId, 2);
    const paths = await Promise.all(directories.map((directory) => world.savepoint({ jobId, kind: 'savepoint', directory })));
    const { status } = await world.ended(jobId);
    expect(status).toBe('FINISHED');
    await world.cloud.clock.sleep(400_000);
    expect(wasLate()).toBe(true);
    for (const path of paths) await openSnapshot(world.cloud.for(), path);
  });
});

it('a job that is cancelled while a savepoint is being written leaves nothing of it in the directory', async () => {
  let cancel = (): void => undefined;
  const writes = new Promise<void>((resolve) => {
    cancel = resolve;
  });
  const faults: FaultPlan = ({ operation, target }) => {
    if (operation !== 'objects.put' || !target.startsWith('s3://elsewhere/')) return undefined;
    cancel();
    return { kind: 'delay', ms: 1_000 };
  };
  await inWorld({ faults }, async (world) => {
    world.deploy('counts', job.definition);
    const jobId = await world.start('counts', { parallelism: 2 });
    await world.atCheckpoint(jobId, 2);
    const asked = world.ask({ jobId, kind: 'savepoint', directory: directories[0] });
    await writes;
    await world.cancel(jobId);
    expect(await asked).toMatchObject({ kind: 'failed', failure: { code: 'JOB_ENDED' } });
    await world.cloud.clock.sleep(400_000);
    expect(world.cloud.objects.names('s3://elsewhere/')).toEqual([]);
  });
});

it('a store that never answers makes only the savepoint fail: no failure of the job is counted, and its result is exact', async () => {
  const faults: FaultPlan = ({ operation, target }) =>
    operation === 'objects.put' && target.startsWith('s3://elsewhere/') ? { kind: 'delay', ms: 3_600_000 } : undefined;
  await inWorld({ faults }, async (world) => {
    world.deploy('counts', job.definition);
    const jobId = await world.start('counts', { parallelism: 2 });
    await world.atCheckpoint(jobId, 2);
    const failure = { code: 'SAVEPOINT_NOT_WRITTEN' };
    expect(await world.ask({ jobId, kind: 'savepoint', directory: directories[0] })).toMatchObject({ kind: 'failed', failure });
    const { status, totals } = await world.ended(jobId);
    expect([status, totals.restarts]).toEqual(['FINISHED', 0]);
    await world.cloud.clock.sleep(3_600_000);
  });
});
