// Catches: a route that the function which serves it has no right to carry out, or that two functions or none serve.
import { describe, expect, it } from 'vitest';
import { type Route, routeGroups } from '../../src/control-api/route.ts';
import { cancelRoutes } from '../../src/control-api/routes/cancel-routes.ts';
import { disposeRoutes } from '../../src/control-api/routes/dispose-routes.ts';
import { programRoutes } from '../../src/control-api/routes/program-routes.ts';
import { queryRoutes } from '../../src/control-api/routes/query-routes.ts';
import { savepointRoutes } from '../../src/control-api/routes/savepoint-routes.ts';
import { routeList } from '../../src/control-api/routes.ts';

const tables = { queries: queryRoutes, trigger: savepointRoutes, cancel: cancelRoutes, run: programRoutes, dispose: disposeRoutes };
const routesOf = (table: object): readonly Route[] => Object.values(table) as readonly Route[];

describe('the groups of routes', () => {
  it.each(routeGroups)('%s: its table holds its routes, and no others', (group) => {
    expect(routesOf(tables[group]).filter((route) => route.group !== group)).toEqual([]);
    expect(routesOf(tables[group])).toEqual(routeList.filter((route) => route.group === group));
  });

  it('change nothing by a GET, unless the path says that it does, or it asks after what goes on', () => {
    const gets = routeList.filter((route) => route.method === 'GET' && route.group !== 'queries').map((route) => route.path);
    expect(gets.sort()).toEqual([
      '/jars/:id/plan',
      '/jobs/:jobid/checkpoints/:triggerid',
      '/jobs/:jobid/savepoints/:triggerid',
      '/jobs/:jobid/yarn-cancel',
      '/savepoint-disposal/:triggerid',
    ]);
    expect(routesOf(queryRoutes).filter((route) => route.method !== 'GET')).toEqual([]);
  });

  it('can be resources of API Gateway: what stands in the same place of a path has the same name', () => {
    const names = new Map<string, string>();
    for (const { path } of routeList) {
      const parts = path.split('/');
      for (const [index, part] of parts.entries()) {
        if (!part.startsWith(':')) continue;
        const before = parts.slice(0, index).join('/');
        expect(names.get(before) ?? part).toBe(part);
        names.set(before, part);
      }
    }
    expect(names.size).toBeGreaterThan(5);
  });
});
