import { savepointRoutes } from '../src/control-api/routes/savepoint-routes.ts';
import { apiHandler } from './api-handler.ts';

/** Takes requests for savepoints and checkpoints, and for stopping with one, and tells what became of them. */
export const handler = apiHandler(savepointRoutes);
