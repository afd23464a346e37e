import { checkpointRoutes } from './checkpoint-routes.ts';
import { clusterRoutes } from './cluster-routes.ts';
import { deploymentQueryRoutes } from './deployment-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { resultRoutes } from './result-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { snapshotToolRoutes } from './snapshot-tool-routes.ts';
import { vertexRoutes } from './vertex-routes.ts';

/** All that changes nothing. */
export const queryRoutes = {
  ...jobRoutes,
  ...resultRoutes,
  ...vertexRoutes,
  ...checkpointRoutes,
  ...snapshotRoutes,
  ...snapshotToolRoutes,
  ...deploymentQueryRoutes,
  ...clusterRoutes,
} as const;
