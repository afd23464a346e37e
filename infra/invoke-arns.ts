import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { groupedRoutes, type RouteGroup } from './route-group.ts';

/**
 * What `execute-api:Invoke` is granted on, for the routes of these groups, or all if there is none. `*` matches slashes too, so
 * ids of 32 digits stand as 32 question marks: `GET/jobs/*` would be every GET below jobs, `yarn-cancel` among them.
 */
export function invokeArns(api: RestApi, groups: readonly RouteGroup[]): string[] {
  if (groups.length === 0) return [api.arnForExecuteApi('*', '/*', api.deploymentStage.stageName)];
  const base = api.arnForExecuteApi('*', '/', api.deploymentStage.stageName).replace(/\/\*\/$/, '');
  const wanted = groupedRoutes.filter((route) => groups.includes(route.group));
  // The star before the path is /v1, or nothing.
  return [...new Set(wanted.map(({ method, path }) => `${base}/${method}*${path.replaceAll(/:(\w+)/g, pattern)}`))];
}

const pattern = (_whole: string, name: string): string => (name === 'jobid' || name === 'vertexid' ? '?'.repeat(32) : '*');
