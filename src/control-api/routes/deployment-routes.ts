import * as z from 'zod';
import { WeirError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { DeploymentService } from '../../deployment/deployment-service.ts';
import { DeploymentStore } from '../../deployment/deployment-store.ts';
import { nextFiring } from '../../deployment/schedule-times.ts';
import { shownStatus } from '../../job/job-service.ts';
import type { DeploymentRecord, SavepointSchedule } from '../../protocol/deployment-record.ts';
import type { Portable } from '../../values/portable.ts';
import type { ControlService } from '../control-service.ts';
import { deploymentDetails, deploymentList, deploymentProgress, outcomeView, savepointView, viewOf } from '../deployment-replies.ts';
import { route } from '../route.ts';
import { name, nothing, place } from './parameters.ts';

const ofDeployment = z.object({ deployment: name });

const deployRequest = z.object({
  jobFile: place,
  workingDirectory: place,
  /** Under which asking again changes nothing. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  args: z
    .record(z.string(), z.json())
    .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= limits.argumentsBytesMax, 'must not be too long'),
  mode: z.enum(['savepoint', 'last-state', 'stateless', 'manual']).default('savepoint'),
  allowNonRestoredState: z.boolean().default(false),
  parallelism: z.number().int().min(1).max(limits.parallelismMax).optional(),
  checkpointIntervalMs: z.number().int().min(1).max(limits.checkpointIntervalMsMax).optional(),
  stateBackend: z.enum(['memory', 'dynamodb', 'filesystem']).optional(),
  initialSavepointPath: place.optional(),
  /** Null takes it away; left out, it stays. */
  schedule: z
    .object({
      expression: z.string().min(1).max(256),
      timeZone: z.string().min(1).max(64).optional(),
      keep: z.number().int().min(1).max(10_000).optional(),
      maxAgeMs: z.number().int().min(1).optional(),
    })
    .nullish(),
});

/** Deployments as they stand. */
export const deploymentQueryRoutes = {
  deployments: route({
    method: 'GET',
    path: '/deployments',
    summary: 'Lists deployments with their jobs, operations in flight and last outcomes.',
    group: 'queries',
    parameters: nothing,
    body: nothing,
    reply: deploymentList,
    status: 200,
    handle: async (service) => {
      const records = await new DeploymentStore(service.cloud).list();
      return { deployments: await Promise.all(records.map((record) => described(service, record))) };
    },
  }),
  deployment: route({
    method: 'GET',
    path: '/deployments/:deployment',
    summary: 'Shows a deployment, with its scheduled savepoints.',
    group: 'queries',
    parameters: ofDeployment,
    body: nothing,
    reply: deploymentDetails,
    status: 200,
    handle: async (service, { parameters }) => {
      const record = await new DeploymentStore(service.cloud).read(parameters.deployment);
      if (record === undefined) throw notFound(parameters.deployment);
      const savepoints = await service.scheduled.list(record.name);
      return { ...(await described(service, record)), savepoints: savepoints.map(savepointView) };
    },
  }),
} as const;

/** Deployments that are made without a stack: in a local cloud. */
export const deploymentRoutes = {
  deploy: route({
    method: 'POST',
    path: '/deployments/:deployment',
    summary: 'Deploys a job file as a deployment, and begins to move its job; in a local cloud.',
    group: 'run',
    parameters: ofDeployment,
    body: deployRequest,
    reply: z.object({ id: z.string(), programId: z.string() }),
    status: 202,
    handle: async (service, { parameters: { deployment }, body }) => {
      const { id, jobFile, workingDirectory, mode, allowNonRestoredState, args, parallelism, checkpointIntervalMs, stateBackend } = body;
      const deployments = deploymentsOf(service);
      if (body.schedule != null) nextFiring(body.schedule.expression, body.schedule.timeZone ?? 'UTC', service.now());
      const { programId } = await service.deploy({ jobFile, workingDirectory, name: deployment, deployment });
      const before = await deployments.get(deployment);
      await deployments.begin({
        deployment,
        id,
        owner: 'this local cloud',
        // A savepoint that is named begins a job where none runs, as the very first is begun.
        kind: before === undefined || before.deleted === true || body.initialSavepointPath !== undefined ? 'create' : 'update',
        target: {
          source: { kind: 'program', programId },
          args: args as Portable,
          mode,
          allowNonRestoredState,
          ...(parallelism === undefined ? {} : { parallelism }),
          ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
          ...(stateBackend === undefined ? {} : { stateBackend }),
          ...(body.initialSavepointPath === undefined ? {} : { initialSavepointPath: service.location(body.initialSavepointPath) }),
        },
        ...(body.schedule === undefined ? {} : { schedule: body.schedule === null ? null : scheduleOf(body.schedule) }),
      });
      return { id, programId };
    },
  }),
  deploymentProgress: route({
    method: 'POST',
    path: '/deployments/:deployment/operations/:id',
    summary: 'Carries an operation of a deployment on, and says what came of it; in a local cloud.',
    group: 'run',
    parameters: ofDeployment.extend({ id: name }),
    body: nothing,
    reply: deploymentProgress,
    status: 200,
    handle: async (service, { parameters: { deployment, id } }) => {
      const reply = await deploymentsOf(service).step(deployment, id, 2_000);
      return {
        kind: reply.kind,
        stage: reply.kind === 'working' ? reply.stage : null,
        words: reply.kind === 'working' ? reply.words : '',
        outcome: reply.kind === 'done' ? outcomeView(reply.outcome) : null,
      };
    },
  }),
} as const;

async function described(service: ControlService, record: DeploymentRecord) {
  const view = record.job === undefined ? undefined : await service.jobs.get(record.job);
  return viewOf(record, view === undefined ? undefined : shownStatus(view.record));
}

const scheduleOf = (given: object): SavepointSchedule =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as SavepointSchedule;

function deploymentsOf({ deployments }: ControlService): DeploymentService {
  if (deployments !== undefined) return deployments;
  throw new WeirError({
    code: 'UNSUPPORTED',
    domain: 'user',
    message: 'This control API makes no deployments.',
    advice: 'Deploy the stack of the job with cdk deploy.',
  });
}

const notFound = (deployment: string): WeirError =>
  new WeirError({
    code: 'DEPLOYMENT_NOT_FOUND',
    domain: 'user',
    message: `There is no deployment "${deployment}".`,
    advice: 'weir deployments lists what there is.',
    subject: { deployment },
  });
