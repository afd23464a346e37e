import type { ControlService } from './control-service.ts';
import { errorReply, replyTo } from './error-reply.ts';
import { findRoute } from './find-route.ts';
import { parseBody, readAs } from './read-request.ts';
import type { Route } from './route.ts';

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
  /** For the log, and not for whoever asked. */
  readonly about: RequestSubject;
}

export interface RequestSubject {
  /** Such as `GET /jobs/:jobid`; missing if the path leads to none. */
  readonly route?: string;
  /** If the path names one, and properly. */
  readonly jobId?: string;
  /** What the refusal was made of. */
  readonly thrown?: unknown;
}

/**
 * Answers one request of the control API, whoever serves it, by the first of `routes` that fits. Never throws: errors are
 * replies, exactly `{"errors":[...]}`.
 */
export async function dispatch(service: ControlService, request: ApiRequest, routes: readonly Route[]): Promise<ApiReply> {
  let about: RequestSubject = {};
  try {
    const found = findRoute(routes, request);
    if (found === undefined) return { ...errorReply(404, [`Not found: ${shownUri(request)}`]), about };
    const { route } = found;
    about = { route: `${route.method} ${route.path}` };
    const parameters = readAs(route.parameters, found.parameters, 'The path');
    about = { ...about, ...jobOf(parameters) };
    // Flink's client sends a body with every GET; it says nothing.
    const body = readAs(route.body, route.method === 'GET' ? {} : parseBody(request.body), 'The request');
    const given = Object.fromEntries([...new URLSearchParams(request.query ?? '')].reverse());
    const query = route.query === undefined ? {} : readAs(route.query, given, 'The query');
    return { status: route.status, body: (await route.handle(service, { parameters, body, query })) as object, about };
  } catch (thrown) {
    return { ...replyTo(thrown), about: { ...about, thrown } };
  }
}

const jobOf = (parameters: unknown): { readonly jobId?: string } => {
  const { jobid } = parameters as { readonly jobid?: string };
  return jobid === undefined ? {} : { jobId: jobid };
};

const shownUri = ({ path, query }: ApiRequest): string => (query === undefined || query === '' ? path : `${path}?${query}`);
