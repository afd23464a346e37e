import { routes } from '../src/control-api/routes.ts';

export type RouteGroup = 'queries' | 'trigger' | 'cancel' | 'run' | 'dispose';

export interface GroupedRoute {
  readonly method: string;
  readonly path: string;
  readonly group: RouteGroup;
}

/** The control API's routes, by what the gateway goes by. */
export const groupedRoutes: readonly GroupedRoute[] = Object.values(routes).map((route) => ({
  method: route.method,
  path: route.path,
  group: (route as { readonly group?: RouteGroup }).group ?? groupOf(route),
}));

/** Until every route says it. */
function groupOf({ method, path }: { readonly method: string; readonly path: string }): RouteGroup {
  if (method === 'PATCH' || path.endsWith('/yarn-cancel')) return 'cancel';
  if (/^\/(jars|programs)/.test(path) && method !== 'GET') return 'run';
  if (/^\/savepoint-check/.test(path)) return 'run';
  if (/^\/(savepoint-|storage\/)/.test(path)) return 'dispose';
  return method === 'GET' && !path.endsWith(':triggerid') ? 'queries' : 'trigger';
}
