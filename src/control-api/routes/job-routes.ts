import * as z from 'zod';
import { shownStatus } from '../../job/job-service.ts';
import type { RestartStrategy } from '../../protocol/job-description.ts';
import type { Portable } from '../../values/portable.ts';
import { exceptionsOf } from '../exception-views.ts';
import { executionResult, executionResultOf } from '../execution-result-view.ts';
import { jobDetailsOf, jobRowOf } from '../job-views.ts';
import { hexId, jobConfiguration, jobDetails, jobExceptions, jobRow, jobStatus } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, ofJob, queryText } from './parameters.ts';

/** As many of the history as Flink shows where nothing is said. */
const shownExceptions = 20;

/** Jobs: what there is, how each is. */
export const jobRoutes = {
  jobsOverview: route({
    method: 'GET',
    path: '/jobs/overview',
    group: 'queries',
    summary: 'All jobs, as `flink list` shows them.',
    parameters: nothing,
    body: nothing,
    reply: z.object({ jobs: z.array(jobRow) }),
    status: 200,
    handle: async (service) => ({ jobs: (await service.jobs.list()).map((view) => jobRowOf(view, service.now())) }),
  }),
  jobs: route({
    method: 'GET',
    path: '/jobs',
    group: 'queries',
    summary: 'Ids and statuses of all jobs.',
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
    group: 'queries',
    summary: 'A job: vertices, plan, progress.',
    parameters: ofJob,
    body: nothing,
    reply: jobDetails,
    status: 200,
    handle: async (service, { parameters }) => jobDetailsOf(await service.job(parameters.jobid), service.now()),
  }),
  jobStatus: route({
    method: 'GET',
    path: '/jobs/:jobid/status',
    group: 'queries',
    summary: 'The status of a job.',
    parameters: ofJob,
    body: nothing,
    reply: z.object({ status: jobStatus }),
    status: 200,
    handle: async (service, { parameters }) => ({ status: shownStatus((await service.job(parameters.jobid)).record) }),
  }),
  jobExecutionResult: route({
    method: 'GET',
    path: '/jobs/:jobid/execution-result',
    group: 'queries',
    summary: 'How a job ended, and its accumulators.',
    parameters: ofJob,
    body: nothing,
    reply: executionResult,
    status: 200,
    handle: async (service, { parameters }) => executionResultOf(await service.job(parameters.jobid)),
  }),
  jobExceptions: route({
    method: 'GET',
    path: '/jobs/:jobid/exceptions',
    group: 'queries',
    summary: 'Why a job failed last.',
    parameters: ofJob,
    query: z.object({
      maxExceptions: z
        .string()
        .regex(/^\d{1,9}$/, 'must be a number')
        .optional(),
      failureLabelFilter: queryText.optional(),
    }),
    body: nothing,
    reply: jobExceptions,
    status: 200,
    handle: async (service, { parameters, query }) =>
      exceptionsOf(await service.job(parameters.jobid), {
        entriesMax: Number(query.maxExceptions ?? shownExceptions),
        labels: query.failureLabelFilter,
      }),
  }),
  jobConfiguration: route({
    method: 'GET',
    path: '/jobs/:jobid/config',
    group: 'queries',
    summary: 'Arguments, parallelism and restart strategy of a job.',
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
