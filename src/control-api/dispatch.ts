import type { z } from 'zod';
import { messageOf, WeirError } from '../base/errors.ts';
import type { ControlService } from './control-service.ts';
import { errorCodeHeader } from './error-code-header.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

export interface ApiRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** Without its question mark; left out: none. */
  readonly query?: string;
  /** As it came; empty is `{}`. */
  readonly body: string;
}

export interface ApiReply {
  readonly status: number;
  readonly body: object;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one request of the control API, whoever serves it. Never throws: errors are replies, exactly `{"errors":[...]}`. */
export async function dispatch(service: ControlService, request: ApiRequest): Promise<ApiReply> {
  try {
    const found = findRoute(request);
    if (found === undefined) return errorReply(404, [`Not found: ${request.path}`]);
    const parameters = read(found.route.parameters, found.parameters, 'The path');
    const body = read(found.route.body, parseJson(request.body), 'The request');
    const query = Object.fromEntries([...new URLSearchParams(request.query ?? '')].reverse());
    return { status: found.route.status, body: (await found.route.handle(service, { parameters, body, query })) as object };
  } catch (thrown) {
    return replyTo(thrown);
  }
}

/** The only shape of an error that Flink's client knows: one more field, and it would be read as a success. */
export const errorReply = (status: number, errors: readonly string[]): ApiReply => ({ status, body: { errors } });

function findRoute(request: ApiRequest): { readonly route: Route; readonly parameters: Record<string, string> } | undefined {
  const path = request.path.replace(/^\/v1(?=\/|$)/, '').replace(/(.)\/$/, '$1');
  for (const route of Object.values(routes) as readonly unknown[] as readonly Route[]) {
    if (route.method !== request.method) continue;
    const parameters = matchPath(route.path, path);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const found = path.split('/');
  if (expected.length !== found.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const segment = found[index]!;
    if (part.startsWith(':')) parameters[part.slice(1)] = decodeSegment(segment);
    else if (part !== segment) return undefined;
  }
  return parameters;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refused(`The path holds "${segment}", which is no valid URL encoding.`);
  }
}

function parseJson(body: string): unknown {
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body);
  } catch (thrown) {
    throw refused(`The request's body is no JSON: ${messageOf(thrown)}`);
  }
}

function read(schema: z.ZodType, value: unknown, subject: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.length === 0 ? 'it' : `"${issue.path.join('.')}"`}: ${issue.message}`);
  throw refused(`${subject} is not as expected: ${issues.join('; ')}.`);
}

const refused = (message: string): WeirError => new WeirError({ code: 'BAD_REQUEST', domain: 'user', message });

const statusByCode: Readonly<Record<string, number>> = {
  JOB_NOT_FOUND: 404,
  VERTEX_NOT_FOUND: 404,
  PROGRAM_NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  CHECKPOINT_NOT_FOUND: 404,
  JOB_ENDED: 409,
};
const statusByDomain: Readonly<Record<WeirError['domain'], number>> = {
  user: 400,
  program: 400,
  resources: 503,
  external: 500,
  internal: 500,
};

/** The first text says what happened, the second, if any, what to do. */
function replyTo(thrown: unknown): ApiReply {
  if (!WeirError.is(thrown)) return errorReply(500, [messageOf(thrown)]);
  const status = statusByCode[thrown.code] ?? statusByDomain[thrown.domain];
  const reply = errorReply(status, thrown.advice === undefined ? [thrown.message] : [thrown.message, thrown.advice]);
  return { ...reply, headers: { [errorCodeHeader]: thrown.code } };
}
