import { z } from 'zod';
import { WeirError } from '../../base/errors.ts';
import { shownStatus } from '../../job/job-service.ts';
import type { RestartStrategy } from '../../protocol/job-description.ts';
import type { Portable } from '../../values/portable.ts';
import type { ControlService } from '../control-service.ts';
import { exceptionsOf } from '../exception-views.ts';
import { executionResult, executionResultOf } from '../execution-result-view.ts';
import { jobDetailsOf, jobRowOf } from '../job-views.ts';
import { hexId, jobConfiguration, jobDetails, jobExceptions, jobRow, jobStatus } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, ofJob } from './parameters.ts';

/** Jobs: what there is, how each is. */
export const jobRoutes = {
  jobsOverview: route({
    method: 'GET',
    path: '/jobs/overview',
    parameters: nothing,
    body: nothing,
    reply: z.object({ jobs: z.array(jobRow) }),
    status: 200,
    handle: async (service) => ({ jobs: (await service.jobs.list()).map((view) => jobRowOf(view, service.now())) }),
  }),
  jobs: route({
    method: 'GET',
    path: '/jobs',
    parameters: nothing,
    body: nothing,
    reply: z.object({ jobs: z.array(z.object({ id: hexId, status: jobStatus })) }),
    status: 200,
    handle: async (service) => ({
      jobs: (await service.jobs.list()).map(({ record }) => ({ id: record.jobId, status: shownStatus(record) })),
    }),
  }),
  job: route({
    method: 'GET',
    path: '/jobs/:jobid',
    parameters: ofJob,
    body: nothing,
    reply: jobDetails,
    status: 200,
    handle: async (service, { parameters }) => jobDetailsOf(await service.job(parameters.jobid), service.now()),
  }),
  cancelJob: route({
    method: 'PATCH',
    path: '/jobs/:jobid',
    parameters: ofJob,
    body: nothing,
    reply: nothing,
    status: 202,
    handle: async (service, { parameters, query }) => {
      const mode = query['mode'] ?? 'cancel';
      if (mode !== 'cancel') {
        throw new WeirError({
          code: 'BAD_REQUEST',
          domain: 'user',
          message: `A job's mode of termination is "cancel" here, but the request says "${mode}".`,
          advice: 'To stop it with a savepoint: POST /jobs/:jobid/stop.',
        });
      }
      return await cancelled(service, parameters.jobid);
    },
  }),
  /** What the dashboard's Cancel button asks for. */
  cancelJobByGet: route({
    method: 'GET',
    path: '/jobs/:jobid/yarn-cancel',
    parameters: ofJob,
    body: nothing,
    reply: nothing,
    status: 202,
    handle: async (service, { parameters }) => {
      return await cancelled(service, parameters.jobid);
    },
  }),
  jobStatus: route({
    method: 'GET',
    path: '/jobs/:jobid/status',
    parameters: ofJob,
    body: nothing,
    reply: z.object({ status: jobStatus }),
    status: 200,
    handle: async (service, { parameters }) => ({ status: shownStatus((await service.job(parameters.jobid)).record) }),
  }),
  jobExecutionResult: route({
    method: 'GET',
    path: '/jobs/:jobid/execution-result',
    parameters: ofJob,
    body: nothing,
    reply: executionResult,
    status: 200,
    handle: async (service, { parameters }) => executionResultOf(await service.job(parameters.jobid)),
  }),
  jobExceptions: route({
    method: 'GET',
    path: '/jobs/:jobid/exceptions',
    parameters: ofJob,
    body: nothing,
    reply: jobExceptions,
    status: 200,
    handle: async (service, { parameters }) => exceptionsOf(await service.job(parameters.jobid)),
  }),
  jobConfiguration: route({
    method: 'GET',
    path: '/jobs/:jobid/config',
    parameters: ofJob,
    body: nothing,
    reply: jobConfiguration,
    status: 200,
    handle: async (service, { parameters }) => {
      const { description } = await service.job(parameters.jobid);
      return {
        jid: description.jobId,
        name: description.name,
        'execution-config': {
          'restart-strategy': describeRestarts(description.restartStrategy),
          'job-parallelism': description.parallelism,
          'object-reuse-mode': false,
          'user-config': asTexts(description.args),
        },
      };
    },
  }),
} as const;

/** Of a job that is canceled already, a success; of one that ended otherwise, a conflict, in the words that tools know Flink's by. */
async function cancelled(service: ControlService, jobId: string): Promise<Record<string, never>> {
  if ((await service.requests.cancel(jobId)) !== 'ended') return {};
  const { record } = await service.job(jobId);
  throw new WeirError({
    code: 'JOB_ENDED',
    domain: 'user',
    message: `Job ${jobId} can't be cancelled: it has already reached another terminal state, ${record.status}.`,
    subject: { jobId },
  });
}

function describeRestarts(strategy: RestartStrategy): string {
  switch (strategy.kind) {
    case 'none':
      return 'Restart deactivated.';
    case 'fixed-delay':
      return `Restart with fixed delay (${strategy.delayMs} ms). #${strategy.attempts} restart attempts.`;
    case 'exponential-delay':
      return `Restart with exponential delay: starting at ${strategy.initialBackoffMs} ms, increasing by ${strategy.multiplier}, with maximum ${strategy.maxBackoffMs} ms. #${strategy.attemptsMax} restart attempts.`;
  }
}

function asTexts(args: Portable): Record<string, string> {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return {};
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
}
