import type { z } from 'zod';
import type { ControlService } from './control-service.ts';

export interface RouteRequest<Parameters, Body> {
  readonly parameters: Parameters;
  readonly body: Body;
  /** What stood behind the path's question mark; the first value of a name that comes twice. */
  readonly query: Readonly<Record<string, string | undefined>>;
}

/**
 * The function that serves a route in AWS, and so what it may touch: `queries` read, `trigger` writes records and snapshots and
 * wakes workflows, `cancel` writes records and wakes, `run` also calls programs, `dispose` deletes.
 */
export const routeGroups = ['queries', 'trigger', 'cancel', 'run', 'dispose'] as const;
export type RouteGroup = (typeof routeGroups)[number];

/** One operation of the control API. Served at `path` and at `/v1` + `path`. */
export interface Route<Parameters extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** `:name` stands for one segment, which arrives in `parameters`. */
  readonly path: string;
  /** A GET that helps on what it asks after is of the group that asked for it. */
  readonly group: RouteGroup;
  /** Names that the query string may hold; others are ignored, as Flink does. */
  readonly query?: readonly string[];
  /** What the path's segments must be. */
  readonly parameters: Parameters;
  /** An empty body is read as `{}`. Fields that are not listed are ignored, as Flink does. */
  readonly body: Body;
  readonly reply: Reply;
  /** Of a success. */
  readonly status: 200 | 202;
  handle(service: ControlService, request: RouteRequest<z.output<Parameters>, z.output<Body>>): Promise<z.input<Reply>>;
}

/** Lets the compiler infer a route's types from its schemas. */
export const route = <Parameters extends z.ZodType, Body extends z.ZodType, Reply extends z.ZodType>(
  definition: Route<Parameters, Body, Reply>,
): Route<Parameters, Body, Reply> => definition;
