// Catches: a disposal that deletes what something else needs, leaves what nothing needs, or can't be finished after a crash.
import { describe, expect, test } from 'vitest';
import type { Cloud } from '../../src/cloud/index.ts';
import { claimSnapshot } from '../../src/savepoint/claims.ts';
import { disposeSnapshot, releaseClaim } from '../../src/savepoint/dispose-snapshot.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, segmentsThere, snapshotAt, watch } from './job-history.ts';
import { persistently, strikes } from './persistently.ts';

const both = (...checkpoints: number[]): string[] => checkpoints.flatMap((each) => [`${each}.0`, `${each}.1`]);

/** Checkpoints 1 to 5 refer to two segments each; savepoints at 2 and 4; the job is at 5. */
function history(faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const violations = watch(cloud);
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(1, [1]);
  job.complete(2, [1, 2]);
  const early = job.savepoint(2);
  job.complete(3, [2, 3]);
  job.complete(4, [3, 4]);
  const late = job.savepoint(4);
  job.complete(5, [4, 5]);
  return { cloud, violations, stores: cloud.for(), job, early, late };
}

describe('disposing of a savepoint', () => {
  test('deletes its metadata and the segments that nothing else refers to, and says what stayed and why', async () => {
    const { cloud, stores, job, early, late } = history();
    const disposal = await disposeSnapshot(stores, `${late}/_metadata`);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 2, 4, 5));
    expect(cloud.objects.names(late)).toEqual([]);
    expect(disposal).toMatchObject({ path: late, deleted: 3 });
    expect(disposal.kept).toEqual([
      { what: expect.stringMatching(/^2 segments, \d+ bytes$/), why: `checkpoint 5 of job ${job.jobId} refers to them` },
    ]);
    await disposeSnapshot(stores, early);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(4, 5));
  });

  test('keeps what a savepoint before it shares with it', async () => {
    const { cloud, stores, job } = history();
    job.complete(6, [4, 5, 6]);
    const middle = job.savepoint(6);
    job.complete(7, [7]);
    const last = job.savepoint(7);
    await disposeSnapshot(stores, middle);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 2, 3, 4, 7));
    await disposeSnapshot(stores, last);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 2, 3, 4, 7));
  });

  test('twice says that it is gone, and nothing brings it back', async () => {
    const { cloud, stores, late } = history();
    await disposeSnapshot(stores, late);
    expect(await codeOf(disposeSnapshot(stores, late))).toBe('SAVEPOINT_DISPOSED');
    expect(await codeOf(openSnapshot(stores, late))).toBe('SAVEPOINT_DISPOSED');
    expect(snapshotAt(cloud, late)).toMatchObject({ state: 'deleted', claims: [] });
  });

  test('is refused while a job reads from it, unless by force', async () => {
    const { cloud, stores, late } = history();
    const opened = await openSnapshot(stores, late);
    await claimSnapshot(stores, opened, { jobId: idOf('b'), mode: 'no_claim' });
    expect(await codeOf(disposeSnapshot(stores, late))).toBe('SAVEPOINT_IN_USE');
    const restored = new JobHistory(cloud, idOf('b'));
    restored.change({ claims: true, foreign: true });
    expect(await codeOf(disposeSnapshot(stores, late))).toBe('SAVEPOINT_IN_USE');
    expect(snapshotAt(cloud, late)?.state).toBe('live');
    await disposeSnapshot(stores, late, { force: true });
    expect(snapshotAt(cloud, late)?.state).toBe('deleted');
  });

  test('goes through when the job that read from it has rewritten everything, has ended, or never came', async () => {
    for (const after of ['rewritten', 'ended', 'never came'] as const) {
      const { cloud, stores, late } = history();
      await claimSnapshot(stores, await openSnapshot(stores, late), { jobId: idOf('b'), mode: 'no_claim' });
      if (after === 'rewritten') new JobHistory(cloud, idOf('b')).change({ status: 'RUNNING' });
      if (after === 'ended') new JobHistory(cloud, idOf('b')).change({ status: 'CANCELED', claims: true, foreign: true });
      if (after === 'never came') await cloud.clock.sleep(15 * 60_000);
      await disposeSnapshot(stores, late);
      expect(snapshotAt(cloud, late)?.state).toBe('deleted');
    }
  });

  test('of what is known here but was deleted by hand removes it from the lists', async () => {
    const { cloud, stores, late } = history();
    await cloud.objects.immediate().delete(`${late}/_metadata`);
    expect(await codeOf(openSnapshot(stores, late))).toBe('SAVEPOINT_NOT_FOUND');
    expect((await disposeSnapshot(stores, late)).deleted).toBe(0);
    expect(snapshotAt(cloud, late)?.state).toBe('deleted');
  });

  test('goes through when the metadata of the next one was deleted or spoilt by hand, and keeps what that one may refer to', async () => {
    for (const spoilt of [false, true]) {
      const { cloud, stores, job, early, late } = history();
      if (spoilt) await stores.objects.put(`${late}/_metadata`, new Uint8Array([123]));
      else await stores.objects.delete(`${late}/_metadata`);
      const { kept } = await disposeSnapshot(stores, early);
      expect(kept).toMatchObject([{ why: `Savepoint ${late}, whose metadata can't be read, possibly refers to them` }]);
      expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 2, 3, 4, 5));
      await disposeSnapshot(stores, late, { force: true });
      expect(snapshotAt(cloud, late)?.state).toBe('deleted');
    }
  });

  for (const kind of strikes) {
    test(`comes to the same whichever call is struck by ${kind}, once it is tried again`, async () => {
      const calls = await callsOf((stores, late) => disposeSnapshot(stores, late));
      expect(calls).toBeGreaterThan(6);
      for (let struck = 0; struck < calls; struck++) {
        const { cloud, violations, job, late } = history((call) => (call.index === struck ? { kind, ms: 60_000 } : undefined));
        await persistently(cloud, (stores) => disposeSnapshot(stores, late), ['SAVEPOINT_DISPOSED']);
        await cloud.clock.sleep(120_000);
        expect(violations.found).toEqual([]);
        expect(segmentsThere(cloud, job.jobId), `struck at call ${struck}`).toEqual(both(1, 2, 4, 5));
        expect(cloud.objects.names(late)).toEqual([]);
        expect(snapshotAt(cloud, late)?.state).toBe('deleted');
      }
    });
  }

  test('at once twice, and while the savepoint before it goes too, leaves nothing that nobody needs', async () => {
    for (let delayed = 0; delayed < 16; delayed++) {
      const { cloud, stores, job, early, late } = history((call) => (call.index === delayed ? { kind: 'delay', ms: 500 } : undefined));
      await Promise.allSettled([disposeSnapshot(stores, late), disposeSnapshot(stores, late), disposeSnapshot(stores, early)]);
      expect(segmentsThere(cloud, job.jobId), `delayed at call ${delayed}`).toEqual(both(4, 5));
    }
  });
});

describe('what a job claimed for itself', () => {
  test('goes when the claim is released, but for the segments that the job still has', async () => {
    const { cloud, stores, job, late } = history();
    job.end('CANCELED');
    const restored = new JobHistory(cloud, idOf('b'));
    restored.change({ claims: true });
    const { owns } = await claimSnapshot(stores, await openSnapshot(stores, late), { jobId: restored.jobId, mode: 'claim' });
    expect([job.segment(3, 0), job.segment(4, 1)].map(owns)).toEqual([true, true]);
    expect(await codeOf(disposeSnapshot(stores, late))).toBe('SAVEPOINT_IN_USE');
    restored.complete(5, [5], (ref) => (ref.at.kind === 'record' ? job.segment(3, 0) : ref));
    await releaseClaim(stores, { path: late, jobId: restored.jobId });
    expect(segmentsThere(cloud, job.jobId)).toEqual([...both(1, 2), '3.0', '5.0', '5.1']);
    expect(snapshotAt(cloud, late)?.state).toBe('deleted');
    await releaseClaim(stores, { path: late, jobId: restored.jobId });
  });

  test('is not a segment that another savepoint or the running job needs', async () => {
    const { stores, job, early, late } = history();
    const first = await claimSnapshot(stores, await openSnapshot(stores, late), { jobId: idOf('b'), mode: 'claim' });
    expect([job.segment(3, 0), job.segment(4, 0)].map(first.owns)).toEqual([true, false]);
    const second = await claimSnapshot(stores, await openSnapshot(stores, early), { jobId: idOf('c'), mode: 'no_claim' });
    expect([job.segment(1, 0), job.segment(2, 0)].map(second.owns)).toEqual([false, false]);
  });
});

/** How many calls it makes when nothing goes wrong. */
async function callsOf(run: (stores: Cloud, late: string) => Promise<unknown>): Promise<number> {
  const { cloud, stores, late } = history();
  await run(stores, late);
  return cloud.calls.count;
}
