import type * as z from 'zod';
import type { ControlService } from './control-service.ts';

export interface RouteRequest<Parameters, Body, Query> {
  readonly parameters: Parameters;
  readonly body: Body;
  /** What stood behind the path's question mark; the first value of a name that comes twice. */
  readonly query: Query;
}

/**
 * The function that serves a route in AWS, and so what it may touch: `queries` read, `trigger` writes records and snapshots and
 * wakes workflows, `cancel` writes records and wakes, `run` also calls programs, `dispose` deletes.
 */
export const routeGroups = ['queries', 'trigger', 'cancel', 'run', 'dispose'] as const;
export type RouteGroup = (typeof routeGroups)[number];

/** One operation of the control API. Served at `path` and at `/v1` + `path`. */
export interface Route<
  Parameters extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** `:name` stands for one segment, which arrives in `parameters`. */
  readonly path: string;
  /** A GET that helps on what it asks after is of the group that asked for it. */
  readonly group: RouteGroup;
  /** One sentence for the documents. */
  readonly summary: string;
  /** What the path's segments must be. */
  readonly parameters: Parameters;
  /** What the query string may hold, each as text; other names are ignored, as Flink does. Left out: nothing. */
  readonly query?: Query;
  /** An empty body is read as `{}`. Fields that are not listed are ignored, as Flink does. */
  readonly body: Body;
  readonly reply: Reply;
  /** Of a success. */
  readonly status: 200 | 202;
  handle(service: ControlService, request: RouteRequest<z.output<Parameters>, z.output<Body>, z.output<Query>>): Promise<z.input<Reply>>;
}

/** Lets the compiler infer a route's types from its schemas. */
export const route = <
  Parameters extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
  Query extends z.ZodType = z.ZodObject<Record<never, never>>,
>(
  definition: Route<Parameters, Body, Reply, Query>,
): Route<Parameters, Body, Reply, Query> => definition;
