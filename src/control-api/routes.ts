import type { Route } from './route.ts';
import { cancelRoutes } from './routes/cancel-routes.ts';
import { disposeRoutes } from './routes/dispose-routes.ts';
import { programRoutes } from './routes/program-routes.ts';
import { queryRoutes } from './routes/query-routes.ts';
import { savepointRoutes } from './routes/savepoint-routes.ts';

/**
 * The control API: every operation once, with its types. The server, the functions behind API Gateway, the client and the
 * documents are made from this table, which is put together of one for each group. The order matters: the first path that
 * fits wins.
 */
export const routes = { ...queryRoutes, ...savepointRoutes, ...cancelRoutes, ...programRoutes, ...disposeRoutes } as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

/** The routes as data, in the order in which paths are tried. */
export const routeList: readonly Route[] = Object.values(routes) as readonly unknown[] as readonly Route[];
