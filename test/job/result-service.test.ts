// Catches: a question about a running job that fails because a checkpoint was completed while it was being answered.
import { expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import type { JobView } from '../../src/job/job-service.ts';
import { ResultService } from '../../src/job/result-service.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';

const jobId = 'a'.repeat(32);
const recordAt = (checkpoint: number) => ({ protocolVersion: 1, jobId, accumulators: { checkpoint, attempt: checkpoint } }) as JobRecord;

it('accumulators are those of the checkpoint that was completed after the job was looked up', async () => {
  const cloud = new SimulatedCloud();
  const view = { record: recordAt(3) } as JobView;
  cloud.records.place(recordKeys.job(jobId), recordAt(4) as unknown as RecordFields);
  cloud.records.place(recordKeys.accumulators({ jobId, checkpoint: 4, attempt: 4 }), { json: utf8('{"subtasks":[]}') });
  expect(await new ResultService(cloud.for()).accumulators(view)).toEqual({ subtasks: [] });
});
