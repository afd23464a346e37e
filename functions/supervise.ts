import './logging.ts';
import middy from '@middy/core';
import { ScheduledSavepoints } from '../src/deployment/scheduled-savepoints.ts';
import { JobService } from '../src/job/job-service.ts';
import { jobOfExecution } from '../src/protocol/names.ts';
import { cloudOfEnvironment, savepointDirectoryOfEnvironment, stateRootOfEnvironment } from './environment.ts';

/** "Step Functions Execution Status Change", as far as it matters here; or the sweep, which is any other event. */
export interface SuperviseEvent {
  readonly 'detail-type'?: string;
  readonly detail?: { readonly name?: string; readonly status?: string };
}

const cloud = cloudOfEnvironment();
const jobs = new JobService(cloud, { stateRoot: stateRootOfEnvironment() });
const savepointDirectory = savepointDirectoryOfEnvironment();
const scheduled = new ScheduledSavepoints(cloud, savepointDirectory === undefined ? {} : { savepointDirectory });

/** A job whose driver ended gets another; the sweep looks at all that live, and carries on what nobody asks after. */
export const handler = middy(async (event: SuperviseEvent): Promise<void> => {
  if (event['detail-type'] === 'Step Functions Execution Status Change') {
    const jobId = jobOfExecution(event.detail?.name ?? '');
    if (jobId !== undefined) await report(await jobs.supervise(jobId));
    return;
  }
  await report(await jobs.supervise());
  await scheduled.sweep();
});

async function report(outcomes: Awaited<ReturnType<JobService['supervise']>>): Promise<void> {
  for (const { jobId, outcome } of outcomes)
    if (outcome.kind === 'started') console.log(`job ${jobId} is driven by generation ${outcome.generation}`);
}
