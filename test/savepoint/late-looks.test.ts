// Catches: a deletion that goes by what it saw a moment too early or too late, so that what others have come to need meanwhile
// goes with it. Each test lets something happen at the worst moment of a call.
import { describe, expect, test } from 'vitest';
import { retireCheckpoints } from '../../src/checkpoint/retire-checkpoints.ts';
import type { Cloud, RecordStore } from '../../src/cloud/index.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { RetentionPolicy } from '../../src/protocol/snapshot-record.ts';
import { claimSnapshot } from '../../src/savepoint/claims.ts';
import { disposeSnapshot, releaseClaim } from '../../src/savepoint/dispose-snapshot.ts';
import { endCheckpoints } from '../../src/savepoint/end-checkpoints.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, segmentsThere, snapshotAt, watch } from './job-history.ts';

const both = (...checkpoints: number[]): string[] => checkpoints.flatMap((each) => [`${each}.0`, `${each}.1`]);

/** Stores that let something happen once, between the first call that fits and its caller's next step. */
function interrupted(
  stores: Cloud,
  { method, at }: { readonly method: 'get' | 'query'; readonly at: string },
  meanwhile: () => Promise<void>,
): Cloud {
  let done = false;
  const then = async <T>(partition: string, of: typeof method, answer: T): Promise<T> => {
    if (!done && of === method && partition === at) {
      done = true;
      await meanwhile();
    }
    return answer;
  };
  const records: RecordStore = {
    ...stores.records,
    get: async (key) => then(key.partition, 'get', await stores.records.get(key)),
    query: async (partition, options) => then(partition, 'query', await stores.records.query(partition, options)),
  };
  return { ...stores, records };
}

function world() {
  const cloud = new SimulatedCloud();
  return { cloud, violations: watch(cloud), stores: cloud.for() };
}

describe('a disposal', () => {
  for (const looks of [
    { method: 'query', at: `snapshots/${idOf('a')}` },
    { method: 'get', at: `job/${idOf('a')}` },
  ] as const) {
    test(`leaves what the last checkpoint needs of a job that ends just when the disposal asks for ${looks.at}`, async () => {
      const { cloud, violations, stores } = world();
      const retention: RetentionPolicy = { kept: 1, onCancel: 'retain', onFailure: 'retain', onFinish: 'retain' };
      const job = new JobHistory(cloud, idOf('a'), { retention });
      job.complete(1, [1]);
      const savepoint = job.savepoint(1);
      job.complete(2, [1, 2]);
      const ends = async () => {
        job.end('CANCELED', { sequence: 1, checkpoint: 2, attempt: 2, publish: false, answers: [], ended: true });
        await endCheckpoints(stores, { ...descriptionOf(cloud, job.jobId) }, job.record);
        const { effects: _done, ...rest } = job.record;
        cloud.records.place(recordKeys.job(job.jobId), rest as never);
      };
      await disposeSnapshot(interrupted(stores, looks, ends), savepoint);
      expect(violations.found).toEqual([]);
      expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 2));
    });
  }
});

const descriptionOf = (cloud: SimulatedCloud, jobId: string): JobDescription =>
  cloud.records.peek(recordKeys.jobDescription(jobId))?.fields as unknown as JobDescription;

/** A job that has moved on from its savepoints at 2 and 3, and another that had the one at 2 for itself and has gone on too. */
async function takenOver() {
  const { cloud, violations, stores } = world();
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(1, [1]);
  job.complete(2, [1, 2]);
  const taken = job.savepoint(2);
  job.complete(3, [1, 2, 3]);
  const other = job.savepoint(3);
  const before: JobRecord = job.record;
  job.complete(4, [4]);
  const heir = new JobHistory(cloud, idOf('b'));
  const begins = async () => {
    heir.change({ claims: true, latest: { checkpoint: 2, attempt: 0 } });
    const { owns } = await claimSnapshot(stores, await openSnapshot(stores, taken), { jobId: heir.jobId, mode: 'claim' });
    const owned = owns(job.segment(1, 0));
    heir.complete(3, [2, 3], (ref) => (ref.checkpoint === 2 ? job.segment(1, ref.at.kind === 'record' ? 0 : 1) : ref));
    const { claims: _released, ...rest } = heir.record;
    cloud.records.place(recordKeys.job(heir.jobId), rest as never);
    await releaseClaim(stores, { path: taken, jobId: heir.jobId });
    expect(snapshotAt(cloud, taken)?.state).toBe('deleted');
    return owned;
  };
  return { cloud, violations, stores, job, heir, taken, other, before, begins };
}

describe('segments that a job took over from another', () => {
  test('stay when a disposal of another savepoint that had them, begun before that, is finished after', async () => {
    const { cloud, violations, stores, job, other, begins } = await takenOver();
    const cutOff = interrupted(stores, { method: 'get', at: recordKeys.snapshot(other).partition }, async () => {});
    const crashed = { ...cutOff, objects: { ...stores.objects, get: () => Promise.reject(new Error('The environment is gone.')) } };
    expect(await codeOf(disposeSnapshot(crashed, other))).toMatch('gone');
    expect(snapshotAt(cloud, other)?.state).toBe('deleting');
    expect(await begins()).toBe(true);
    await disposeSnapshot(stores, other);
    expect(violations.found).toEqual([]);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 4));
  });

  test('stay when the job that they came from retires them later than all that', async () => {
    const { cloud, violations, stores, job, other, before, begins } = await takenOver();
    await disposeSnapshot(stores, other);
    expect(await begins()).toBe(true);
    await retireCheckpoints(stores, { before, after: job.record, manifests: [] });
    expect(violations.found).toEqual([]);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(1, 4));
  });

  test('go when the job that has them does not need them any more, whoever looks', async () => {
    const { cloud, violations, stores, job, other, before, heir, begins } = await takenOver();
    await begins();
    heir.complete(4, [4]);
    await disposeSnapshot(stores, other);
    await retireCheckpoints(stores, { before, after: job.record, manifests: [] });
    expect(violations.found).toEqual([]);
    expect(segmentsThere(cloud, job.jobId)).toEqual(both(4));
  });
});
