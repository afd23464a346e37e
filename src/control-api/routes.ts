import { z } from 'zod';
import { WeirError } from '../base/errors.ts';
import { shownStatus } from '../job/job-service.ts';
import type { RestartStrategy } from '../protocol/job-description.ts';
import type { Portable } from '../values/portable.ts';
import { checkpointStatisticsOf } from './checkpoint-views.ts';
import { exceptionsOf } from './exception-views.ts';
import { jobDetailsOf, jobRowOf } from './job-views.ts';
import { programArguments } from './program-arguments.ts';
import {
  checkpointStatistics,
  clusterOverview,
  dashboardConfiguration,
  deployed,
  hexId,
  jobConfiguration,
  jobDetails,
  jobExceptions,
  jobRow,
  jobStatus,
  programList,
  submitted,
} from './replies.ts';
import { route } from './route.ts';

const nothing = z.object({});
const ofJob = z.object({ jobid: hexId });
const portable: z.ZodType<Portable> = z.json();

/** What POST /jars/:id/run takes, by Flink's names; ours are under `weir`. */
const runRequest = z.object({
  /** An object of arguments; or Flink's one line of words, split at blanks. */
  programArgs: z.union([z.string(), z.record(z.string(), portable)]).nullish(),
  programArgsList: z.array(z.string()).nullish(),
  parallelism: z.number().int().min(1).nullish(),
  jobId: hexId.nullish(),
  savepointPath: z.string().nullish(),
  weir: z
    .object({
      checkpointIntervalMs: z.number().int().min(1).optional(),
      stateBackend: z.enum(['memory', 'dynamodb', 'filesystem']).optional(),
    })
    .optional(),
});

/**
 * The control API: every operation once, with its types. The server, the client and the documentation are made from this
 * table. The order matters: the first path that fits wins.
 */
export const routes = {
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
  jobStatus: route({
    method: 'GET',
    path: '/jobs/:jobid/status',
    parameters: ofJob,
    body: nothing,
    reply: z.object({ status: jobStatus }),
    status: 200,
    handle: async (service, { parameters }) => ({ status: shownStatus((await service.job(parameters.jobid)).record) }),
  }),
  jobCheckpoints: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints',
    parameters: ofJob,
    body: nothing,
    reply: checkpointStatistics,
    status: 200,
    handle: async (service, { parameters }) => checkpointStatisticsOf(await service.job(parameters.jobid)),
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
  configuration: route({
    method: 'GET',
    path: '/config',
    parameters: nothing,
    body: nothing,
    reply: dashboardConfiguration,
    status: 200,
    handle: async (service) => ({
      'refresh-interval': 3_000,
      'timezone-name': Intl.DateTimeFormat().resolvedOptions().timeZone,
      'timezone-offset': -60_000 * new Date(service.now()).getTimezoneOffset(),
      'flink-version': `Weir ${service.version}`,
      'flink-revision': service.version,
      features: { 'web-submit': false, 'web-cancel': false, 'web-rescale': false, 'web-history': false },
      weir: { instance: service.instance ?? null },
    }),
  }),
  overview: route({
    method: 'GET',
    path: '/overview',
    parameters: nothing,
    body: nothing,
    reply: clusterOverview,
    status: 200,
    handle: async (service) => {
      const [views, programs] = await Promise.all([service.jobs.list(), service.programs()]);
      const states = views.map(({ record }) => shownStatus(record));
      const count = (...wanted: readonly string[]) => states.filter((state) => wanted.includes(state)).length;
      const ended = count('FINISHED', 'CANCELED', 'FAILED');
      const slots = programs.reduce((sum, program) => sum + program.slotFunctions.length, 0);
      const used = views.reduce(
        (sum, { description }, index) => sum + (['FINISHED', 'CANCELED', 'FAILED'].includes(states[index]!) ? 0 : description.slots),
        0,
      );
      return {
        taskmanagers: programs.length,
        'slots-total': slots,
        'slots-available': Math.max(0, slots - used),
        'jobs-running': states.length - ended,
        'jobs-finished': count('FINISHED'),
        'jobs-cancelled': count('CANCELED'),
        'jobs-failed': count('FAILED'),
        'flink-version': `Weir ${service.version}`,
        'flink-commit': service.version,
      };
    },
  }),
  programs: route({
    method: 'GET',
    path: '/jars',
    parameters: nothing,
    body: nothing,
    reply: programList,
    status: 200,
    handle: async (service) => ({
      address: '',
      files: (await service.programs()).map(({ programId, name, createdAt }) => ({
        id: programId,
        name,
        uploaded: createdAt,
        entry: [{ name, description: null }],
      })),
    }),
  }),
  deployProgram: route({
    method: 'POST',
    path: '/programs',
    parameters: nothing,
    body: z.object({ jobFile: z.string(), workingDirectory: z.string(), name: z.string() }),
    reply: deployed,
    status: 200,
    handle: async (service, { body }) => {
      const { programId, name } = await service.deploy(body);
      return { programId, name };
    },
  }),
  runProgram: route({
    method: 'POST',
    path: '/jars/:id/run',
    parameters: z.object({ id: z.string() }),
    body: runRequest,
    reply: submitted,
    status: 200,
    handle: async (service, { parameters, body }) => {
      if (body.savepointPath != null && body.savepointPath !== '') {
        throw new WeirError({
          code: 'UNSUPPORTED',
          domain: 'user',
          message: 'This version starts jobs from nothing, but the request names a savepoint.',
          advice: 'Leave savepointPath out.',
        });
      }
      const { checkpointIntervalMs, stateBackend } = body.weir ?? {};
      const reply = await service.jobs.submit({
        programId: parameters.id,
        args: argumentsOf(body),
        ...(body.parallelism == null ? {} : { parallelism: body.parallelism }),
        ...(body.jobId == null ? {} : { jobId: body.jobId }),
        ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
        ...(stateBackend === undefined ? {} : { stateBackend }),
      });
      return { jobid: reply.jobId, weir: { warnings: [...reply.warnings] } };
    },
  }),
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

function argumentsOf(body: z.infer<typeof runRequest>): Portable {
  if (typeof body.programArgs === 'object' && body.programArgs !== null) return body.programArgs;
  const words = body.programArgsList ?? (body.programArgs ?? '').split(/\s+/).filter((word) => word !== '');
  return programArguments(words);
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
