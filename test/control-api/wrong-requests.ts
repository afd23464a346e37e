import type * as z from 'zod';
import { limits } from '../../src/base/limits.ts';
import type { Route } from '../../src/control-api/route.ts';
import type { RouteName } from '../../src/control-api/routes.ts';
import type { Known } from './left-jobs.ts';

/** A request that is not as it should be, and how it is refused. */
export interface WrongRequest {
  readonly what: string;
  readonly method: string;
  /** As in the first line: path and query. */
  readonly target: string;
  readonly body?: string;
  readonly status: number;
  /** Missing: there is no route. */
  readonly code?: string;
}

const unknownId = 'f'.repeat(32);
const megabyte = 1024 * 1024;

/** A path and a body that every route would take, but for what is made wrong in them. */
export function rightRequest(
  name: RouteName,
  route: Route,
  known: Known,
): { readonly target: string; readonly body: Record<string, unknown> } {
  const parameters: Record<string, string> = {
    jobid: name === 'cancelJob' || name === 'cancelJobByGet' ? known.live : known.ended,
    vertexid: known.vertex,
    checkpointid: String(known.checkpoint),
    triggerid: name === 'disposalStatus' ? known.disposal : known.operation,
    id: known.program,
    deployment: 'no-such-deployment',
  };
  const path = route.path.replace(/:(\w+)/g, (_, parameter: string) => parameters[parameter]!);
  const query: Partial<Record<RouteName, string>> = {
    inspectSnapshot: `?path=${known.savepoint}`,
    diffSnapshots: `?before=${known.savepoint}&after=${known.savepoint}`,
  };
  const snapshot = { 'savepoint-path': known.savepoint };
  const bodies: Partial<Record<RouteName, Record<string, unknown>>> = {
    disposeSavepoint: snapshot,
    exportSnapshot: { ...snapshot, target: 's3://weir/savepoints/copy' },
    migrateSnapshot: snapshot,
    checkRestore: { ...snapshot, graph: known.jobGraph },
    deploy: { jobFile: '/job.ts', workingDirectory: '/', id: unknownId, args: {} },
    deployProgram: { jobFile: '/job.ts', workingDirectory: '/', name: 'job' },
  };
  return { target: path + (query[name] ?? ''), body: bodies[name] ?? {} };
}

/** All that is wrong in every route: its method, the ids in its path, its body as a whole, and each field of it. */
export function wrongRequests(name: RouteName, route: Route, known: Known, routes: readonly Route[]): readonly WrongRequest[] {
  const right = rightRequest(name, route, known);
  const { method } = route;
  return [
    ...wrongMethods(route, right.target, routes),
    ...wrongPaths(name, route, right.target, known, routes),
    ...(method === 'GET' ? [] : wrongBodies(route, right)),
    ...wrongPlaces(name, route, right),
  ];
}

/** A route of another method; where a name may stand, the word of another route is a wrong one. */
const fits = (route: Route, target: string): boolean => {
  const [wanted, found] = [route.path.split('/'), target.split('?')[0]!.split('/')];
  return wanted.length === found.length && wanted.every((part, index) => part.startsWith(':') || part === found[index]);
};

function elsewhere(what: string, method: string, target: string, routes: readonly Route[]): WrongRequest {
  const other = routes.some((each) => each.method === method && fits(each, target));
  // Any word may be the name of a deployment.
  if (other && target.startsWith('/deployments/')) return { what, method, target, status: 404, code: 'DEPLOYMENT_NOT_FOUND' };
  return {
    what,
    method,
    target,
    ...(other ? { status: 400, code: 'BAD_REQUEST' } : { status: 404 }),
    ...(method === 'GET' ? {} : { body: '{}' }),
  };
}

function wrongMethods({ path }: Route, target: string, routes: readonly Route[]): readonly WrongRequest[] {
  const there = new Set(routes.filter((each) => each.path === path).map((each) => each.method));
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
    .filter((method) => !there.has(method as Route['method']))
    .map((method) => elsewhere(`${method} instead`, method, target, routes));
}

/** Ids that are none lead nowhere; those that nobody has are not found, unless the poll is to say so. */
function wrongPaths(name: RouteName, route: Route, target: string, known: Known, routes: readonly Route[]): readonly WrongRequest[] {
  const { method, path } = route;
  const body = method === 'GET' ? {} : { body: '{}' };
  const instead = (parameter: string, value: string) => {
    const at = path.split('/').indexOf(`:${parameter}`);
    return target
      .split('/')
      .map((segment, index) => (index === at ? value : segment))
      .join('/');
  };
  const longer = elsewhere('a longer path', method, `${target.split('?')[0]}/more`, routes);
  const ids = ['jobid', 'vertexid', 'triggerid', 'checkpointid'].filter((parameter) => path.includes(`:${parameter}`));
  const none = ids.flatMap((parameter) =>
    ['ABCDEF', `${unknownId}0`, unknownId.toUpperCase(), '..%2f..', '%00', '-1', 'x'.repeat(4_000), '%F0%9F%98%80', "'%20OR%201=1"].map(
      (value) => ({
        what: `${value.slice(0, 40)} as ${parameter}`,
        method,
        target: instead(parameter, value),
        status: 400,
        code: 'BAD_REQUEST',
        ...body,
      }),
    ),
  );
  const encoding = ids.map((parameter) => ({
    what: `%zz as ${parameter}`,
    method,
    target: instead(parameter, '%zz'),
    status: 400,
    code: 'BAD_REQUEST',
    ...body,
  }));
  const codes = {
    jobid: 'JOB_NOT_FOUND',
    vertexid: 'VERTEX_NOT_FOUND',
    triggerid: 'OPERATION_NOT_FOUND',
    checkpointid: 'CHECKPOINT_NOT_FOUND',
  };
  const polls = ['triggerSavepoint', 'stopJob', 'triggerCheckpoint'].includes(name);
  const nobodys = (polls ? [] : ids).map((parameter) => {
    const code = parameter === 'jobid' && ids.includes('triggerid') ? 'OPERATION_NOT_FOUND' : codes[parameter as keyof typeof codes];
    const value = parameter === 'checkpointid' ? '999999' : unknownId;
    return { what: `nobody's ${parameter}`, method, target: instead(parameter, value), status: 404, code, ...body };
  });
  const programs = !path.startsWith('/jars/:id')
    ? []
    : [
        {
          what: 'a program that there is not',
          method,
          target: instead('id', 'no-such-program'),
          status: 404,
          code: 'PROGRAM_NOT_FOUND',
          ...body,
        },
        {
          what: 'a program up the path',
          method,
          target: instead('id', `..%2F${known.program}`),
          status: 404,
          code: 'PROGRAM_NOT_FOUND',
          ...body,
        },
        { what: 'a name that is too long', method, target: instead('id', 'x'.repeat(300)), status: 400, code: 'BAD_REQUEST', ...body },
        { what: 'no name', method, target: instead('id', ''), status: 400, code: 'BAD_REQUEST', ...body },
      ];
  return [longer, ...none, ...encoding, ...nobodys, ...programs];
}

function wrongBodies(route: Route, right: { readonly target: string; readonly body: Record<string, unknown> }): readonly WrongRequest[] {
  const { method } = route;
  const refused = (what: string, body: string, status = 400, code = 'BAD_REQUEST'): WrongRequest => ({
    what,
    method,
    target: right.target,
    body,
    status,
    code,
  });
  const deep = 100_000;
  const whole = [
    refused('broken JSON', '{"a":'),
    refused('two documents', '{}{}'),
    refused('text', 'formatType=NATIVE'),
    refused('an array', '[]'),
    refused('null', 'null'),
    refused('a number', '7'),
    refused('a string', '"{}"'),
    refused('arrays in arrays', '['.repeat(deep) + ']'.repeat(deep)),
    refused('objects in objects', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`),
    refused('ten megabytes', JSON.stringify({ ...right.body, more: 'x'.repeat(10 * megabyte) }), 413, 'REQUEST_TOO_LARGE'),
    refused('a byte too many', `${' '.repeat(limits.requestBytesMax - 1)}{}`, 413, 'REQUEST_TOO_LARGE'),
  ];
  return [...whole, ...wrongFields(route.body, right.body).map(({ what, body }) => refused(what, JSON.stringify(body)))];
}

/** Each field of another type or size than it may be, one at a time; and without it, if it must be there. */
function wrongFields(schema: z.ZodType, right: Record<string, unknown>): readonly { readonly what: string; readonly body: object }[] {
  const { shape } = schema as z.ZodObject;
  const values: readonly unknown[] = [
    7,
    -1,
    1.5,
    1e300,
    true,
    'x',
    '',
    [],
    [7],
    {},
    { x: { y: [] } },
    'x'.repeat(limits.argumentsBytesMax + 1),
  ];
  return Object.entries(shape).flatMap(([field, of]) => {
    const type = of as z.ZodType;
    const { [field]: _, ...without } = right;
    const wrong = values.filter((value) => !type.safeParse(value).success);
    return [
      ...wrong.map((value) => ({ what: `${field}: ${JSON.stringify(value).slice(0, 40)}`, body: { ...right, [field]: value } })),
      ...(type.safeParse(undefined).success ? [] : [{ what: `no ${field}`, body: without }]),
    ];
  });
}

const forbidden = [
  's3://somebody-elses/savepoint-0a1b2c-0123456789ab',
  's3://weir/elsewhere/savepoint',
  's3://weir/savepoints/../state-of-others',
  's3://weir/savepoints/%2e%2e/state-of-others',
  's3://weir/savepoints/..%2Fstate-of-others',
  's3://weir/savepoints-of-others/x',
  'file:///etc/passwd',
  '/etc/passwd',
  '../../etc/passwd',
];

/** Wherever a place is named, one that may not be. */
function wrongPlaces(
  name: RouteName,
  route: Route,
  right: { readonly target: string; readonly body: Record<string, unknown> },
): readonly WrongRequest[] {
  const fields: Partial<Record<RouteName, readonly string[]>> = {
    triggerSavepoint: ['target-directory'],
    stopJob: ['targetDirectory'],
    disposeSavepoint: ['savepoint-path'],
    exportSnapshot: ['savepoint-path', 'target'],
    migrateSnapshot: ['savepoint-path', 'target'],
    checkRestore: ['savepoint-path'],
    runProgram: ['savepointPath'],
    planProgram: ['savepointPath'],
    checkProgram: ['savepointPath'],
    inspectSnapshot: ['path'],
    diffSnapshots: ['before', 'after'],
  };
  return (fields[name] ?? []).flatMap((field) =>
    forbidden.map((place) => {
      const request = { what: `${place} as ${field}`, method: route.method, status: 403, code: 'PATH_NOT_ALLOWED' };
      if (route.method !== 'GET') return { ...request, target: right.target, body: JSON.stringify({ ...right.body, [field]: place }) };
      const [path, query] = right.target.split('?') as [string, string];
      const parameters = new URLSearchParams(query);
      parameters.set(field, place);
      return { ...request, target: `${path}?${parameters.toString()}` };
    }),
  );
}
