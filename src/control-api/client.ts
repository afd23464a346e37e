import type * as z from 'zod';
import { messageOf, WeirError } from '../base/errors.ts';
import { errorCodeHeader } from './error-code-header.ts';
import type { Route } from './route.ts';
import { type RouteName, type Routes, routes } from './routes.ts';

type ParametersOf<Name extends RouteName> = z.input<Routes[Name]['parameters']>;
type BodyOf<Name extends RouteName> = z.input<Routes[Name]['body']>;
type ReplyOf<Name extends RouteName> = z.output<Routes[Name]['reply']>;

/** A method for every route of the table: path parameters first, then the body, then the query. */
export type ControlClient = {
  readonly [Name in RouteName]: (parameters: ParametersOf<Name>, body?: BodyOf<Name>, query?: Query) => Promise<ReplyOf<Name>>;
};

type Query = Readonly<Record<string, string>>;

export interface ClientRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The headers to send instead: those of the request, and what says who sends it. */
export type AuthenticateRequest = (request: ClientRequest) => Promise<Readonly<Record<string, string>>>;

export interface ControlClientOptions {
  /** Left out: nothing says who sends a request. */
  readonly authenticate?: AuthenticateRequest;
}

/**
 * A client of the control API at `url`. A refusal comes back as a WeirError with the server's code and words, or
 * REQUEST_REFUSED where it names no code; no answer, or one that is not the API's, as API_UNREACHABLE. What `authenticate`
 * throws is thrown.
 */
export function controlClient(url: string, options: ControlClientOptions = {}): ControlClient {
  const server: Server = { ...options, base: url.replace(/\/+$/, '') };
  const entries = Object.entries(routes as unknown as Record<string, Route>).map(([name, route]) => [
    name,
    (parameters: Readonly<Record<string, string>>, body?: object, query?: Query) => call(server, route, parameters, body, query),
  ]);
  return Object.fromEntries(entries) as ControlClient;
}

interface Server extends ControlClientOptions {
  readonly base: string;
}

async function call(
  server: Server,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  body: object | undefined,
  query: Query = {},
): Promise<unknown> {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
  const search = Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
  const { status, code, json } = await exchange(server, route.method, `/v1${path}${search}`, body);
  const errors = errorsOf(json);
  if (errors !== undefined) {
    throw new WeirError({
      code: code ?? 'REQUEST_REFUSED',
      domain: status >= 500 ? 'external' : 'user',
      message: errors[0] ?? `The control API refused ${route.method} ${path}.`,
      ...(errors[1] === undefined ? {} : { advice: errors[1] }),
    });
  }
  const reply = route.reply.safeParse(json);
  if (reply.success) return reply.data;
  throw unreachableApi(
    server.base,
    `its reply to ${route.method} ${path} is not as expected: ${reply.error.issues[0]?.message ?? ''}`,
    reply.error,
  );
}

interface Exchanged {
  readonly status: number;
  /** Of the error, as the server says it. */
  readonly code: string | undefined;
  readonly json: unknown;
}

async function exchange({ base, authenticate }: Server, method: string, path: string, body: object | undefined): Promise<Exchanged> {
  const plain: ClientRequest = {
    method,
    url: new URL(`${base}${path}`),
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
  };
  const headers = authenticate === undefined ? plain.headers : await authenticate(plain);
  try {
    // A redirect would take along what says who we are.
    const response = await fetch(plain.url, {
      method,
      headers,
      redirect: 'manual',
      ...(plain.body === undefined ? {} : { body: plain.body }),
    });
    return { status: response.status, code: response.headers.get(errorCodeHeader) ?? undefined, json: await response.json() };
  } catch (thrown) {
    const { cause } = thrown as { readonly cause?: unknown };
    throw unreachableApi(base, messageOf(cause ?? thrown), thrown);
  }
}

function errorsOf(json: unknown): readonly string[] | undefined {
  if (typeof json !== 'object' || json === null || Object.keys(json).length !== 1) return undefined;
  const { errors } = json as { readonly errors?: unknown };
  return Array.isArray(errors) ? errors.map(String) : undefined;
}

const unreachableApi = (url: string, reason: string, cause: unknown): WeirError =>
  new WeirError({
    code: 'API_UNREACHABLE',
    domain: 'external',
    message: `No proper answer of a control API at ${url}: ${reason}`,
    advice: 'Look at the address; for a local cloud, `weir local status` shows whether it runs.',
    cause,
  });
