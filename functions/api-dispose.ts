import { disposeRoutes } from '../src/control-api/routes/dispose-routes.ts';
import { apiHandler } from './api-handler.ts';

/** Deletes and copies snapshots, and tells what became of it. */
export const handler = apiHandler(disposeRoutes);
