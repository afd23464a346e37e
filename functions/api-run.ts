import { programRoutes } from '../src/control-api/routes/program-routes.ts';
import { apiHandler } from './api-handler.ts';

/** Begins jobs of deployed programs, and tells what would come of it. */
export const handler = apiHandler(programRoutes);
