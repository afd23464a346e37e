import { queryRoutes } from '../src/control-api/routes/query-routes.ts';
import { apiHandler } from './api-handler.ts';

/** Answers what changes nothing: jobs, checkpoints, snapshots, programs. */
export const handler = apiHandler(queryRoutes);
