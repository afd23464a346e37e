// Catches: a job that begins to read from what is just being deleted, a deletion of what a job is about to read from.
import { describe, expect, test } from 'vitest';
import { WeirError } from '../../src/base/errors.ts';
import type { SnapshotClaim } from '../../src/protocol/snapshot-record.ts';
import { claimHolds, claimSnapshot } from '../../src/savepoint/claims.ts';
import { disposeSnapshot, releaseClaim } from '../../src/savepoint/dispose-snapshot.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, snapshotAt, watch } from './job-history.ts';
import { persistently, strikes } from './persistently.ts';

const heirId = idOf('b');

function history(faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const violations = watch(cloud);
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(3, [1, 2, 3]);
  const savepoint = job.savepoint(3);
  job.complete(4, [4]);
  return { cloud, violations, stores: cloud.for(), job, savepoint };
}

type World = ReturnType<typeof history>;

const claim = async (stores: World['stores'], savepoint: string, mode: SnapshotClaim['mode'], jobId = heirId) =>
  claimSnapshot(stores, await openSnapshot(stores, savepoint), { jobId, mode });

describe('a claim', () => {
  test('may be held by many jobs at once, and by one that asks again only once', async () => {
    const { cloud, stores, savepoint } = history();
    await claim(stores, savepoint, 'no_claim');
    await claim(stores, savepoint, 'no_claim');
    await claim(stores, savepoint, 'no_claim', idOf('c'));
    expect(snapshotAt(cloud, savepoint)?.claims.map(({ jobId }) => jobId)).toEqual([heirId, idOf('c')]);
  });

  test('of a submission that is repeated holds a quarter of an hour from then', async () => {
    const { cloud, stores, savepoint } = history();
    await claim(stores, savepoint, 'no_claim');
    await cloud.clock.sleep(14 * 60_000);
    await claim(stores, savepoint, 'no_claim');
    await cloud.clock.sleep(14 * 60_000);
    expect(await codeOf(disposeSnapshot(stores, savepoint))).toBe('SAVEPOINT_IN_USE');
    await cloud.clock.sleep(60_000);
    await disposeSnapshot(stores, savepoint);
  });

  test('with "claim" is the only one, and says whom to ask', async () => {
    const { cloud, stores, savepoint } = history();
    await claim(stores, savepoint, 'claim');
    expect(await codeOf(claim(stores, savepoint, 'no_claim', idOf('c')))).toBe('SAVEPOINT_CLAIMED');
    expect(await codeOf(claim(stores, savepoint, 'claim', idOf('c')))).toBe('SAVEPOINT_CLAIMED');
    await releaseClaim(stores, { path: savepoint, jobId: idOf('c') });
    expect(snapshotAt(cloud, savepoint)?.claims).toHaveLength(1);
  });

  test('with "claim" is refused while others read, and possible once they do not any more', async () => {
    const { cloud, stores, savepoint } = history();
    await claim(stores, savepoint, 'no_claim', idOf('c'));
    expect(await codeOf(claim(stores, savepoint, 'claim'))).toBe('SAVEPOINT_CLAIMED');
    new JobHistory(cloud, idOf('c')).change({ status: 'FAILED' });
    await claim(stores, savepoint, 'claim');
    expect(snapshotAt(cloud, savepoint)?.claims).toMatchObject([{ jobId: heirId, mode: 'claim' }]);
  });

  test('holds while its job reads, releases, or has it for itself, and a quarter of an hour before its job exists', async () => {
    const { cloud, stores } = history();
    const of = (jobId: string): SnapshotClaim => ({ jobId, mode: 'no_claim', at: cloud.clock.now() });
    const unborn = of(idOf('9'));
    expect(await claimHolds(stores, unborn)).toBe(true);
    await cloud.clock.sleep(15 * 60_000);
    expect(await claimHolds(stores, unborn)).toBe(false);
    const heir = new JobHistory(cloud, heirId);
    expect(await claimHolds(stores, of(heirId))).toBe(false);
    heir.change({ claims: true });
    expect(await claimHolds(stores, of(heirId))).toBe(true);
    heir.change({ status: 'CANCELED' });
    expect(await claimHolds(stores, of(heirId))).toBe(false);
    heir.change({ effects: { sequence: 1, checkpoint: 3, attempt: 0, publish: false, answers: [], ended: true } });
    expect(await claimHolds(stores, of(heirId))).toBe(true);
  });

  test('is refused of what was disposed of, even if it was opened before', async () => {
    const { stores, savepoint } = history();
    const opened = await openSnapshot(stores, savepoint);
    await disposeSnapshot(stores, savepoint);
    expect(await codeOf(claimSnapshot(stores, opened, { jobId: heirId, mode: 'no_claim' }))).toBe('SAVEPOINT_DISPOSED');
  });

  for (const mode of ['no_claim', 'claim'] as const) {
    test(`(${mode}) and a disposal exclude each other, whichever of their calls is late`, async () => {
      const outcomes = new Set<string>();
      for (let late = 0; late < 30; late++) {
        const world = history((call) => (call.index === late ? { kind: 'delay', ms: 400 } : undefined));
        const { stores, savepoint, cloud, violations } = world;
        const [claimed, disposed] = await Promise.all([codeOf(claim(stores, savepoint, mode)), codeOf(disposeSnapshot(stores, savepoint))]);
        const done = 'nothing was thrown';
        const excluded = (claimed === done) !== (disposed === done);
        expect(excluded, `late at call ${late}: claim ${claimed}, disposal ${disposed}`).toBe(true);
        expect(snapshotAt(cloud, savepoint)?.state).toBe(claimed === done ? 'live' : 'deleted');
        expect(violations.found).toEqual([]);
        outcomes.add(claimed);
      }
      expect(outcomes.size).toBeGreaterThan(1);
    });
  }

  test('is given back although the snapshot was spoilt by hand, or may not be deleted: then whoever disposes of it goes on', async () => {
    for (const trouble of ['spoilt', 'gone', 'not to be deleted'] as const) {
      const { cloud, stores, savepoint } = history();
      await claim(stores, savepoint, 'claim');
      const uri = `${savepoint}/_metadata`;
      if (trouble === 'spoilt') await stores.objects.put(uri, new Uint8Array([123]));
      if (trouble === 'gone') await stores.objects.delete(uri);
      const denied = new WeirError({ code: 'CLOUD_ACCESS_DENIED', domain: 'user', message: 'S3 DeleteObject was refused.' });
      const objects = trouble === 'not to be deleted' ? { ...stores.objects, delete: () => Promise.reject(denied) } : stores.objects;
      await releaseClaim({ ...stores, objects }, { path: savepoint, jobId: heirId });
      expect(snapshotAt(cloud, savepoint)?.state, trouble).toBe(trouble === 'gone' ? 'deleted' : 'deleting');
      if (trouble !== 'gone') await disposeSnapshot(stores, savepoint, { force: trouble === 'spoilt' });
      expect(snapshotAt(cloud, savepoint)?.state, trouble).toBe('deleted');
      expect(cloud.objects.names(savepoint)).toEqual([]);
    }
  });

  test('is not given back as long as the store only fails: the same call goes on', async () => {
    const { cloud, stores, savepoint } = history();
    await claim(stores, savepoint, 'claim');
    const busy = new WeirError({ code: 'SERVICE_FAILED', domain: 'external', message: 'S3 is not there.' });
    const objects = { ...stores.objects, delete: () => Promise.reject(busy) };
    expect(await codeOf(releaseClaim({ ...stores, objects }, { path: savepoint, jobId: heirId }))).toBe('SERVICE_FAILED');
    await releaseClaim(stores, { path: savepoint, jobId: heirId });
    expect(snapshotAt(cloud, savepoint)?.state).toBe('deleted');
  });

  for (const kind of strikes) {
    test(`is made and given back once whichever call is struck by ${kind}`, async () => {
      for (const mode of ['no_claim', 'claim'] as const) {
        const begin = (stores: World['stores'], savepoint: string) => claim(stores, savepoint, mode);
        const quiet = history();
        await begin(quiet.stores, quiet.savepoint);
        await releaseClaim(quiet.stores, { path: quiet.savepoint, jobId: heirId });
        for (let struck = 0; struck < quiet.cloud.calls.count; struck++) {
          const { cloud, violations, job, savepoint } = history((call) => (call.index === struck ? { kind, ms: 60_000 } : undefined));
          const claimed = await persistently(cloud, (stores) => begin(stores, savepoint));
          expect(claimed.kind === 'done' && claimed.value.owns(job.segment(1, 0)), `${mode}, struck at call ${struck}`).toBe(
            mode === 'claim',
          );
          expect(snapshotAt(cloud, savepoint)?.claims).toMatchObject([{ jobId: heirId, mode }]);
          await persistently(cloud, (stores) => releaseClaim(stores, { path: savepoint, jobId: heirId }));
          await cloud.clock.sleep(120_000);
          // The one that took segments over is remembered.
          const left = mode === 'claim' ? { state: 'deleted', claims: [{ jobId: heirId, mode }] } : { state: 'live', claims: [] };
          expect(snapshotAt(cloud, savepoint)).toMatchObject(left);
          expect(violations.found).toEqual([]);
        }
      }
    });
  }
});
