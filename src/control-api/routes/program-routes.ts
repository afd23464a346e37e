import * as z from 'zod';
import { limits } from '../../base/limits.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import { checkRestore } from '../../job/restore-job.ts';
import type { ControlService } from '../control-service.ts';
import { planOf } from '../job-views.ts';
import { programArguments } from '../program-arguments.ts';
import { deployed, dryRun, programPlan, submitted } from '../program-replies.ts';
import { route } from '../route.ts';
import { restorePlanView } from '../snapshot-views.ts';
import { deploymentRoutes } from './deployment-routes.ts';
import { jobGraph } from './job-graph-schema.ts';
import { name, nothing, place, queryText } from './parameters.ts';
import { runRequest, submitRequestOf } from './run-request.ts';

const ofProgram = z.object({ id: name });
const parallelismText = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'must be a number')
  .refine((text) => Number(text) <= limits.parallelismMax, `must be at most ${limits.parallelismMax}`);

/** Jobs begun from programs, and what would come of beginning one. */
export const programRoutes = {
  ...deploymentRoutes,
  deployProgram: route({
    method: 'POST',
    path: '/programs',
    group: 'run',
    summary: 'Makes a program of a job file: in the local cloud only.',
    parameters: nothing,
    body: z.object({ jobFile: place, workingDirectory: place, name }),
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
    group: 'run',
    summary: 'Begins a job of a program, from nothing or from a snapshot.',
    parameters: ofProgram,
    body: runRequest,
    reply: submitted,
    status: 200,
    handle: async (service, { parameters, body }) => {
      const reply = await service.jobs.submit(submitRequestOf(service, parameters.id, body));
      return { jobid: reply.jobId, weir: { warnings: [...reply.warnings] } };
    },
  }),
  /** What the program would run with these arguments. Nothing is started, written or claimed. */
  planProgram: route({
    method: 'POST',
    path: '/jars/:id/plan',
    group: 'run',
    summary: 'What a program would run.',
    parameters: ofProgram,
    body: runRequest,
    reply: programPlan,
    status: 200,
    handle: async (service, { parameters, body }) => planned(service, submitRequestOf(service, parameters.id, body)),
  }),
  planProgramByGet: route({
    method: 'GET',
    path: '/jars/:id/plan',
    group: 'run',
    summary: 'The same, with arguments in the query.',
    parameters: ofProgram,
    /** Arguments as Flink has them in a query: words, joined by commas; or one line, split at blanks. */
    query: z.object({
      parallelism: parallelismText.optional(),
      programArg: queryText.optional(),
      'program-args': queryText.optional(),
    }),
    body: nothing,
    reply: programPlan,
    status: 200,
    handle: async (service, { parameters, query }) => {
      const words = query.programArg?.split(',') ?? query['program-args']?.split(/\s+/).filter((word) => word !== '') ?? [];
      return planned(service, {
        programId: parameters.id,
        args: programArguments(words),
        ...(query.parallelism === undefined ? {} : { parallelism: Number(query.parallelism) }),
      });
    },
  }),
  /** All that `run` would do and say, without doing it. */
  checkProgram: route({
    method: 'POST',
    path: '/jars/:id/check',
    group: 'run',
    summary: 'Dry run: all that `run` would say, without doing it.',
    parameters: ofProgram,
    body: runRequest,
    reply: dryRun,
    status: 200,
    handle: async (service, { parameters, body }) => {
      const request = submitRequestOf(service, parameters.id, body);
      const { restore } = request;
      const plan = await planned(service, request);
      if (restore === undefined) return { ...plan, restore: null };
      return { ...plan, restore: (await service.jobs.check({ ...request, restore })) as unknown as z.input<typeof restorePlanView> };
    },
  }),
  checkRestore: route({
    method: 'POST',
    path: '/savepoint-check',
    group: 'run',
    summary: 'What a restore would do with a graph that is sent along.',
    parameters: nothing,
    /** The graph is that of `weir plan --format json`, under `jobGraph`: whoever has the program builds it. */
    body: z.object({ 'savepoint-path': place, allowNonRestoredState: z.boolean().nullish(), graph: jobGraph }),
    reply: restorePlanView,
    status: 200,
    handle: async (service, { body }) => {
      const restore = { path: service.location(body['savepoint-path']), allowNonRestoredState: body.allowNonRestoredState === true };
      const plan = await checkRestore(service.cloud, restore, body.graph as unknown as JobGraph);
      return plan as unknown as z.input<typeof restorePlanView>;
    },
  }),
} as const;

async function planned(
  service: ControlService,
  request: Parameters<ControlService['jobs']['plan']>[0],
): Promise<z.input<typeof programPlan>> {
  const { jobName, parallelism, graph, warnings } = await service.jobs.plan(request);
  // There is no job yet that could have an id.
  const plan = planOf(graph, { jid: '0'.repeat(32), name: jobName });
  return { plan, weir: { parallelism, warnings: [...warnings], jobGraph: graph } };
}
