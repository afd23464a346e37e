import * as z from 'zod';
import { WeirError } from '../../base/errors.ts';
import type { ControlService } from '../control-service.ts';
import { route } from '../route.ts';
import { nothing, ofJob, queryText } from './parameters.ts';

/** Ending a job at once, without a savepoint. */
export const cancelRoutes = {
  cancelJob: route({
    method: 'PATCH',
    path: '/jobs/:jobid',
    group: 'cancel',
    summary: 'Ends a job at once, without a savepoint.',
    parameters: ofJob,
    query: z.object({ mode: queryText.optional() }),
    body: nothing,
    reply: nothing,
    status: 202,
    handle: async (service, { parameters, query }) => {
      const mode = (query.mode ?? 'cancel').toLowerCase();
      if (mode === 'stop') throw stopRemoved();
      if (mode !== 'cancel') {
        throw new WeirError({
          code: 'BAD_REQUEST',
          domain: 'user',
          message: `A job's mode of termination is "cancel" here, but the request says ${JSON.stringify(mode.slice(0, 80))}.`,
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
    group: 'cancel',
    summary: "The same, as the dashboard's button asks for it.",
    parameters: ofJob,
    body: nothing,
    reply: nothing,
    status: 202,
    handle: async (service, { parameters }) => {
      return await cancelled(service, parameters.jobid);
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

/** Flink took it until stopping took a savepoint; it answers with a redirect to nowhere. */
const stopRemoved = (): WeirError =>
  new WeirError({
    code: 'STOP_MODE_REMOVED',
    domain: 'user',
    message: 'The termination mode "stop" has been removed.',
    advice: 'To end a job at once, use "cancel"; to stop it with a savepoint: POST /jobs/:jobid/stop.',
  });
