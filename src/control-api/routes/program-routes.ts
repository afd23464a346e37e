import { z } from 'zod';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { SubmitRequest } from '../../job/job-service.ts';
import { checkRestore } from '../../job/restore-job.ts';
import type { Portable } from '../../values/portable.ts';
import type { ControlService } from '../control-service.ts';
import { programArguments } from '../program-arguments.ts';
import { deployed, hexId, submitted } from '../replies.ts';
import { route } from '../route.ts';
import { restorePlanView } from '../snapshot-views.ts';
import { nothing } from './parameters.ts';

const portable: z.ZodType<Portable> = z.json();

/** What POST /jars/:id/run takes, by Flink's names; ours are under `weir`. */
const runRequest = z.object({
  /** An object of arguments; or Flink's one line of words, split at blanks. */
  programArgs: z.union([z.string(), z.record(z.string(), portable)]).nullish(),
  programArgsList: z.array(z.string()).nullish(),
  parallelism: z.number().int().min(1).nullish(),
  jobId: hexId.nullish(),
  savepointPath: z.string().nullish(),
  allowNonRestoredState: z.boolean().nullish(),
  /** Flink's older LEGACY never deletes and never rewrites: it is not offered. */
  claimMode: z.enum(['CLAIM', 'NO_CLAIM']).nullish(),
  weir: z
    .object({
      checkpointIntervalMs: z.number().int().min(1).optional(),
      stateBackend: z.enum(['memory', 'dynamodb', 'filesystem']).optional(),
    })
    .optional(),
});

/** Jobs begun from programs, and what would come of beginning one. */
export const programRoutes = {
  deployProgram: route({
    method: 'POST',
    path: '/programs',
    group: 'run',
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
    group: 'run',
    parameters: z.object({ id: z.string() }),
    body: runRequest,
    reply: submitted,
    status: 200,
    handle: async (service, { parameters, body }) => {
      const { checkpointIntervalMs, stateBackend } = body.weir ?? {};
      const reply = await service.jobs.submit({
        programId: parameters.id,
        args: argumentsOf(body),
        ...(body.parallelism == null ? {} : { parallelism: body.parallelism }),
        ...(body.jobId == null ? {} : { jobId: body.jobId }),
        ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
        ...(stateBackend === undefined ? {} : { stateBackend }),
        ...restoreOf(service, body),
      });
      return { jobid: reply.jobId, weir: { warnings: [...reply.warnings] } };
    },
  }),
  checkRestore: route({
    method: 'POST',
    path: '/savepoint-check',
    group: 'run',
    parameters: nothing,
    /** The graph is that of `weir plan --format json`, under `jobGraph`: whoever has the program builds it. */
    body: z.object({
      'savepoint-path': z.string(),
      allowNonRestoredState: z.boolean().nullish(),
      graph: z.looseObject({
        jobName: z.string(),
        vertices: z.array(z.looseObject({ vertexId: hexId })),
        edges: z.array(z.looseObject({})),
      }),
    }),
    reply: restorePlanView,
    status: 200,
    handle: async (service, { body }) => {
      const restore = { path: service.location(body['savepoint-path']), allowNonRestoredState: body.allowNonRestoredState === true };
      const plan = await checkRestore(service.cloud, restore, body.graph as unknown as JobGraph);
      return plan as unknown as z.input<typeof restorePlanView>;
    },
  }),
} as const;

function restoreOf(
  service: ControlService,
  { savepointPath, allowNonRestoredState, claimMode }: z.infer<typeof runRequest>,
): Pick<SubmitRequest, 'restore'> {
  if (savepointPath == null || savepointPath === '') return {};
  const restore = { path: service.location(savepointPath), allowNonRestoredState: allowNonRestoredState === true };
  return { restore: claimMode == null ? restore : { ...restore, claimMode: claimMode === 'CLAIM' ? 'claim' : 'no_claim' } };
}

function argumentsOf(body: z.infer<typeof runRequest>): Portable {
  if (typeof body.programArgs === 'object' && body.programArgs !== null) return body.programArgs;
  const words = body.programArgsList ?? (body.programArgs ?? '').split(/\s+/).filter((word) => word !== '');
  return programArguments(words);
}
