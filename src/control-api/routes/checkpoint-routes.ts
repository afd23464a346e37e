import * as z from 'zod';
import { WeirError } from '../../base/errors.ts';
import type { CheckpointDetails } from '../../job/checkpoint-service.ts';
import type { JobView } from '../../job/job-service.ts';
import { checkpointConfigurationOf } from '../checkpoint-configuration-view.ts';
import { checkpointDetailsOf, taskCheckpointOf } from '../checkpoint-detail-views.ts';
import { checkpointConfiguration, checkpointEntry, checkpointStatistics, taskCheckpoint } from '../checkpoint-replies.ts';
import { checkpointStatisticsOf } from '../checkpoint-views.ts';
import type { ControlService } from '../control-service.ts';
import { hexId } from '../replies.ts';
import { route } from '../route.ts';
import { vertexOf } from '../vertex-of.ts';
import { nothing, ofJob } from './parameters.ts';

const checkpointid = z.string().regex(/^\d{1,15}$/, 'must be a number');

/** A job's checkpoints. Before the routes of operations, whose ids stand where `config` does. */
export const checkpointRoutes = {
  jobCheckpoints: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints',
    group: 'queries',
    summary: 'Checkpoints of a job: counts, sizes, the latest.',
    parameters: ofJob,
    body: nothing,
    reply: checkpointStatistics,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      const [latestSavepoint, latestIsDeleted] = await Promise.all([
        service.checkpoints.latestSavepoint(view),
        service.checkpoints.latestIsDeleted(view),
      ]);
      return checkpointStatisticsOf(view, { latestSavepoint, latestIsDeleted });
    },
  }),
  checkpointConfiguration: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints/config',
    group: 'queries',
    summary: 'How a job is checkpointed.',
    parameters: ofJob,
    body: nothing,
    reply: checkpointConfiguration,
    status: 200,
    handle: async (service, { parameters }) => checkpointConfigurationOf(await service.job(parameters.jobid)),
  }),
  checkpointDetails: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints/details/:checkpointid',
    group: 'queries',
    summary: 'A checkpoint, by vertex.',
    parameters: z.object({ jobid: hexId, checkpointid }),
    body: nothing,
    reply: checkpointEntry,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      return checkpointDetailsOf(view, await detailsOf(service, view, Number(parameters.checkpointid)));
    },
  }),
  checkpointSubtasks: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid',
    group: 'queries',
    summary: 'A checkpoint, by subtask of a vertex.',
    parameters: z.object({ jobid: hexId, checkpointid, vertexid: hexId }),
    body: nothing,
    reply: taskCheckpoint,
    status: 200,
    handle: async (service, { parameters }) => {
      const view = await service.job(parameters.jobid);
      const details = await detailsOf(service, view, Number(parameters.checkpointid));
      const { vertexId } = vertexOf(view, parameters.vertexid);
      return taskCheckpointOf(details, details.vertices.find((each) => each.vertexId === vertexId)?.subtasks ?? []);
    },
  }),
} as const;

/** Throws CHECKPOINT_NOT_FOUND. */
async function detailsOf(service: ControlService, view: JobView, checkpoint: number): Promise<CheckpointDetails> {
  const found = await service.checkpoints.details(view, checkpoint);
  if (found !== undefined) return found;
  const { jobId, latest } = view.record;
  const known = latest.checkpoint >= checkpoint ? `${checkpoint} any more` : `${checkpoint}`;
  throw new WeirError({
    code: 'CHECKPOINT_NOT_FOUND',
    domain: 'user',
    message: `Job ${jobId} has no checkpoint ${known}: its latest is ${latest.checkpoint}.`,
    advice: 'A job keeps as many checkpoints as it is told to; GET /jobs/:jobid/snapshots lists what is kept of one that has ended.',
    subject: { jobId, checkpoint },
  });
}
