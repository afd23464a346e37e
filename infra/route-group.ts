import type { RouteGroup } from '../src/control-api/route.ts';
import { routes } from '../src/control-api/routes.ts';

export type { RouteGroup } from '../src/control-api/route.ts';

export interface GroupedRoute {
  readonly method: string;
  readonly path: string;
  readonly group: RouteGroup;
}

/** The control API's routes, by what the gateway goes by. */
export const groupedRoutes: readonly GroupedRoute[] = Object.values(routes);
