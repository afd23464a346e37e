// Catches: checkpoints that outlive a job that should leave none, or that go although they were to be kept or are needed.
import { describe, expect, test } from 'vitest';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { RetentionPolicy } from '../../src/protocol/snapshot-record.ts';
import { claimSnapshot } from '../../src/savepoint/claims.ts';
import { disposeSnapshot } from '../../src/savepoint/dispose-snapshot.ts';
import { endCheckpoints } from '../../src/savepoint/end-checkpoints.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, root, segmentsThere, snapshotAt, watch } from './job-history.ts';
import { persistently, strikes } from './persistently.ts';

const both = (...checkpoints: number[]): string[] => checkpoints.flatMap((each) => [`${each}.0`, `${each}.1`]);
const policy = (all: 'retain' | 'delete', kept = 1): RetentionPolicy => ({ kept, onCancel: all, onFailure: all, onFinish: all });
const checkpointPath = (jobId: string, checkpoint: number): string => `${root}/checkpoints/${jobId}/chk-${checkpoint}`;

const descriptionOf = (cloud: SimulatedCloud, jobId: string): JobDescription =>
  cloud.records.peek(recordKeys.jobDescription(jobId))?.fields as unknown as JobDescription;

/** A canceled job that keeps checkpoints 4 and 5 and has a savepoint at 2. */
function ended(retention: RetentionPolicy, faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const violations = watch(cloud);
  const job = new JobHistory(cloud, idOf('a'), { retention });
  job.complete(1, [1]);
  job.complete(2, [1, 2]);
  const savepoint = job.savepoint(2);
  job.complete(4, [2, 4]);
  const { latest } = job.record;
  job.complete(5, [4, 5]);
  job.change({ status: 'CANCELED', retained: [latest] });
  return { cloud, violations, stores: cloud.for(), job, savepoint, description: descriptionOf(cloud, job.jobId) };
}

describe('when a job has ended', () => {
  test('its checkpoints are deleted with all that no savepoint refers to', async () => {
    const { cloud, stores, job, savepoint, description } = ended(policy('delete'));
    await endCheckpoints(stores, description, job.record);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 2));
    expect(cloud.objects.peek(job.record.latest.manifest!.uri)).toBeUndefined();
    expect(cloud.objects.peek(job.record.retained[0]!.manifest!.uri)).toBeUndefined();
    await openSnapshot(stores, savepoint);
    await endCheckpoints(stores, description, job.record);
  });

  test('those that are retained are opened by their directory, and disposed of like savepoints', async () => {
    const { cloud, stores, job, savepoint, description } = ended(policy('retain', 2));
    await endCheckpoints(stores, description, job.record);
    for (const checkpoint of [4, 5]) {
      const opened = await openSnapshot(stores, `${checkpointPath(job.jobId, checkpoint)}/`);
      expect(opened.manifest.checkpoint).toBe(checkpoint);
      expect(opened.record).toMatchObject({ kind: 'checkpoint', effectsDone: true, state: 'live' });
    }
    await disposeSnapshot(stores, savepoint);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(2, 4, 5));
    await disposeSnapshot(stores, checkpointPath(job.jobId, 4));
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(4, 5));
    await disposeSnapshot(stores, checkpointPath(job.jobId, 5));
    expect(segmentsThere(cloud, job.jobId)).toEqual([]);
    await endCheckpoints(stores, description, job.record);
    expect(await codeOf(openSnapshot(stores, checkpointPath(job.jobId, 5)))).toBe('SAVEPOINT_DISPOSED');
  });

  test('a checkpoint that was not retained says so, and one of a running job is refused', async () => {
    const { stores, job, description } = ended(policy('delete'));
    await endCheckpoints(stores, description, job.record);
    expect(await codeOf(openSnapshot(stores, checkpointPath(job.jobId, 5)))).toBe('SAVEPOINT_NOT_FOUND');
    job.change({ status: 'RUNNING' });
    expect(await codeOf(openSnapshot(stores, checkpointPath(job.jobId, 5)))).toBe('CHECKPOINT_NOT_RETAINED');
  });

  for (const all of ['retain', 'delete'] as const) {
    test(`to ${all} comes to the same wherever it is struck and tried again`, async () => {
      const quiet = ended(policy(all));
      await endCheckpoints(quiet.stores, quiet.description, quiet.job.record);
      const calls = quiet.cloud.calls.count;
      for (const kind of strikes) {
        for (let struck = 0; struck < calls; struck++) {
          const { cloud, violations, job, description } = ended(policy(all), (call) =>
            call.index === struck ? { kind, ms: 60_000 } : undefined,
          );
          await persistently(cloud, (stores) => endCheckpoints(stores, description, job.record));
          await cloud.clock.sleep(120_000);
          expect(violations.found).toEqual([]);
          const expected = all === 'delete' ? both(1, 2) : both(1, 2, 4, 5);
          expect(segmentsThere(cloud, job.jobId), `${kind} at call ${struck}`).toEqual(expected);
        }
      }
    });
  }

  test('a job that was restored and completed nothing leaves what it was restored from whole, even if it had it for itself', async () => {
    const { cloud, stores, job, savepoint } = ended(policy('delete'));
    await claimSnapshot(stores, await openSnapshot(stores, savepoint), { jobId: idOf('b'), mode: 'claim' });
    const restored = {
      path: savepoint,
      checkpoint: 2,
      kind: 'savepoint',
      claimMode: 'claim',
      allowNonRestoredState: false,
      at: 1,
    } as const;
    const heir = new JobHistory(cloud, idOf('b'), { retention: policy('delete'), restored });
    heir.complete(2, []);
    heir.change({ status: 'CANCELED', claims: true, latest: { ...heir.record.latest, attempt: 0 } });
    await endCheckpoints(stores, descriptionOf(cloud, heir.jobId), heir.record);
    expect(snapshotAt(cloud, savepoint)).toMatchObject({ state: 'live', claims: [] });
    expect((await openSnapshot(stores, savepoint)).manifest.jobId).toBe(job.jobId);
    expect(cloud.objects.peek(heir.record.latest.manifest!.uri)).toBeUndefined();
  });

  test('its retained checkpoint keeps what it was restored from, until that checkpoint goes too', async () => {
    const { cloud, stores, job, savepoint } = ended(policy('delete'));
    await claimSnapshot(stores, await openSnapshot(stores, savepoint), { jobId: idOf('b'), mode: 'no_claim' });
    const restored = {
      path: savepoint,
      checkpoint: 2,
      kind: 'savepoint',
      claimMode: 'no_claim',
      allowNonRestoredState: false,
      at: 1,
    } as const;
    const heir = new JobHistory(cloud, idOf('b'), { retention: policy('retain'), restored });
    heir.complete(3, [3], (ref) => (ref.at.kind === 'record' ? { ...job.segment(2, 0), foreign: true } : ref));
    heir.change({ status: 'FAILED', claims: true, foreign: true });
    await endCheckpoints(stores, descriptionOf(cloud, heir.jobId), heir.record);
    expect(await codeOf(disposeSnapshot(stores, savepoint))).toBe('SAVEPOINT_IN_USE');
    await disposeSnapshot(stores, checkpointPath(heir.jobId, 3));
    expect(segmentsThere(cloud, heir.jobId)).toEqual(['3.0']);
    expect(snapshotAt(cloud, savepoint)).toMatchObject({ state: 'live', claims: [] });
    await disposeSnapshot(stores, savepoint);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(4, 5));
  });
});
