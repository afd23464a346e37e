// Catches: one job that nobody can drive, and all others are left without a driver for it.
import { expect, it } from 'vitest';
import type { RecordFields } from '../../src/cloud/index.ts';
import { JobService } from '../../src/job/job-service.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';

it('the sweep looks at all jobs although one can’t be driven, and says so at the end', async () => {
  const cloud = new SimulatedCloud();
  const started: string[] = [];
  const stores = cloud.for();
  const start = async (_workflow: string, name: string) => {
    started.push(name);
    return 'started' as const;
  };
  const workflows = { ...stores.workflows, start };
  const [broken, healthy] = ['a'.repeat(32), 'b'.repeat(32)] as const;
  for (const jobId of [broken, healthy]) {
    const program = { jobWorkflow: 'workflow' };
    const description = { jobId, name: 'job', submittedAt: 1, program } as JobDescription;
    const record = { ...newJobRecord(description), ...(jobId === broken ? { protocolVersion: 99 } : {}) };
    cloud.records.place(recordKeys.jobDescription(jobId), description as unknown as RecordFields);
    cloud.records.place(recordKeys.job(jobId), record as unknown as RecordFields);
    cloud.records.place(recordKeys.jobIndex(1, jobId), { jobId });
  }
  const jobs = new JobService({ ...stores, workflows }, { stateRoot: 's3://bucket/weir' });
  await expect(jobs.supervise()).rejects.toMatchObject({ code: 'PROTOCOL_TOO_NEW' });
  expect(started).toEqual([`${healthy}-1`]);
});
