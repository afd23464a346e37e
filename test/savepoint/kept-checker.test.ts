// A checker that never speaks proves nothing: it is shown what it must not let pass.
import { describe, expect, test } from 'vitest';
import { recordKeys } from '../../src/protocol/names.ts';
import { disposeSnapshot } from '../../src/savepoint/dispose-snapshot.ts';
import { KeptChecker } from '../../src/testing/checkers/kept-checker.ts';
import { Violations } from '../../src/testing/checkers/violations.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { idOf, JobHistory } from './job-history.ts';

function watched() {
  const cloud = new SimulatedCloud();
  const violations = new Violations();
  const checker = new KeptChecker({ violations, records: cloud.records, objects: cloud.objects });
  cloud.records.observe(checker);
  cloud.objects.observe(checker);
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(1, [1]);
  const savepoint = job.savepoint(1);
  job.complete(2, [2]);
  return { cloud, stores: cloud.for(), violations, job, savepoint };
}

describe('the checker of what is kept', () => {
  test('lets a disposal pass that leaves the job what it needs', async () => {
    const { stores, violations, savepoint } = watched();
    await disposeSnapshot(stores, savepoint);
    expect(violations.found).toEqual([]);
  });

  test('speaks when a segment of a live snapshot goes, in a record or in an object', async () => {
    const { stores, violations, job } = watched();
    const { jobId } = job;
    await stores.records.delete(recordKeys.segment({ jobId, checkpoint: 1, attempt: 1 }, { vertexId: idOf('f'), subtask: 0 }, 'n'));
    const { at } = job.segment(1, 1);
    await stores.objects.delete(at.kind === 'object' ? at.uri : '');
    expect(violations.found).toHaveLength(2);
    expect(violations.found[0]).toMatch(/^Invariant 6: record segment\/.* was deleted, although the snapshot s3:/);
  });

  test('speaks when the metadata of a live snapshot goes', async () => {
    const { stores, violations, savepoint } = watched();
    await stores.objects.delete(`${savepoint}/_metadata`);
    expect(violations.found).toHaveLength(1);
  });

  test('speaks when something goes that a running job was restored from', async () => {
    const { cloud, stores, violations, job, savepoint } = watched();
    const heir = new JobHistory(cloud, idOf('b'));
    heir.complete(2, [2], (ref) => (ref.at.kind === 'record' ? { ...job.segment(1, 0), foreign: true } : ref));
    heir.change({ claims: true, foreign: true });
    await disposeSnapshot(stores, savepoint, { force: true });
    expect(violations.found).toEqual([expect.stringContaining(`although job ${heir.jobId} refers to it`)]);
  });

  test('speaks when a job that keeps its last checkpoint deletes of it before it is a snapshot', async () => {
    const { stores, violations, job } = watched();
    job.change({ status: 'FAILED', effects: { sequence: 1, checkpoint: 2, attempt: 2, publish: false, answers: [], ended: true } });
    await stores.objects.delete(job.record.latest.manifest!.uri);
    expect(violations.found).toHaveLength(1);
  });
});
