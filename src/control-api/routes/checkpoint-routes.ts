import { checkpointStatisticsOf } from '../checkpoint-views.ts';
import { checkpointStatistics } from '../replies.ts';
import { route } from '../route.ts';
import { nothing, ofJob } from './parameters.ts';

/** A job's checkpoints. */
export const checkpointRoutes = {
  jobCheckpoints: route({
    method: 'GET',
    path: '/jobs/:jobid/checkpoints',
    parameters: ofJob,
    body: nothing,
    reply: checkpointStatistics,
    status: 200,
    handle: async (service, { parameters }) => checkpointStatisticsOf(await service.job(parameters.jobid)),
  }),
} as const;
