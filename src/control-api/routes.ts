import { checkpointRoutes } from './routes/checkpoint-routes.ts';
import { clusterRoutes } from './routes/cluster-routes.ts';
import { jobRoutes } from './routes/job-routes.ts';
import { programRoutes } from './routes/program-routes.ts';
import { resultRoutes } from './routes/result-routes.ts';
import { savepointRoutes } from './routes/savepoint-routes.ts';
import { snapshotRoutes } from './routes/snapshot-routes.ts';
import { snapshotToolRoutes } from './routes/snapshot-tool-routes.ts';
import { vertexRoutes } from './routes/vertex-routes.ts';

/**
 * The control API: every operation once, with its types. The server, the client and the documentation are made from this
 * table. The order matters: the first path that fits wins.
 */
export const routes = {
  ...jobRoutes,
  ...resultRoutes,
  ...vertexRoutes,
  ...checkpointRoutes,
  ...savepointRoutes,
  ...snapshotRoutes,
  ...snapshotToolRoutes,
  ...programRoutes,
  ...clusterRoutes,
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
