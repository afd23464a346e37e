import type { Cloud } from '../cloud/index.ts';
import { DisposalService } from './disposal-service.ts';
import { driveCopies } from './drive-copy.ts';
import type { JobService } from './job-service.ts';

/** Carries on every disposal and canonical copy that nobody asks after any more: part of the sweep. */
export async function carryOnOperations(cloud: Cloud, jobs: JobService): Promise<void> {
  await new DisposalService(cloud).sweep();
  for (const { record } of await jobs.list()) await driveCopies(cloud, record.jobId);
}
