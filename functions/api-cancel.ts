import { cancelRoutes } from '../src/control-api/routes/cancel-routes.ts';
import { apiHandler } from './api-handler.ts';

/** Ends jobs at once. */
export const handler = apiHandler(cancelRoutes);
