import type { StandardSchemaV1 } from '@standard-schema/spec';
import { WeirError } from '../base/errors.ts';
import type { RestartStrategy } from '../graph/restart-strategy.ts';
import type { Environment } from './environment.ts';

/** By symbol and not by class, so that a job file may bring its own copy of this package. */
const brand: unique symbol = Symbol.for('weir.job');

/** The arguments of a job that declares none. */
export type NoArguments = Readonly<Record<string, never>>;

export interface JobConfiguration<Schema extends StandardSchemaV1 = StandardSchemaV1<unknown, NoArguments>> {
  /** For people: in listings and errors. */
  readonly name: string;
  /** Checks and documents what follows `--` on the command line. Any library that speaks Standard Schema, such as zod. */
  readonly args?: Schema;
  /** Subtasks per operator, unless whoever submits the job says otherwise; default 1. */
  readonly parallelism?: number;
  /** Of every operator that sets none of its own; see `setMaxParallelism`. */
  readonly maxParallelism?: number;
  readonly checkpointing?: {
    /** Milliseconds from one checkpoint to the next, unless whoever submits the job says otherwise. */
    readonly intervalMs?: number;
  };
  readonly restartStrategy?: RestartStrategy;
  /**
   * Connects sources, operators and sinks. Runs in every cold start, so it is synchronous and pure: no I/O, clock,
   * randomness or environment variables; equal arguments and parallelism give the same graph.
   */
  build(env: Environment, args: StandardSchemaV1.InferOutput<Schema>): void;
}

/** What a job file's default export is. Made by `defineJob` only. */
export interface JobDefinition<Args = unknown> {
  readonly [brand]: 1;
  readonly name: string;
  readonly args: StandardSchemaV1<unknown, Args> | undefined;
  readonly parallelism: number | undefined;
  readonly maxParallelism: number | undefined;
  readonly checkpointing: { readonly intervalMs: number | undefined };
  readonly restartStrategy: RestartStrategy | undefined;
  build(env: Environment, args: Args): void;
}

/**
 * Says what a job is; nothing runs it here.
 *
 * ```ts
 * export default defineJob({
 *   name: 'flight-delays',
 *   args: z.object({ input: z.string(), output: z.string() }),
 *   build(env, { input, output }) {
 *     env.fromSource(files.records(input, Flight)).uid('flights').sinkTo(files.ndjson(output)).uid('result');
 *   },
 * });
 * ```
 */
export function defineJob<Schema extends StandardSchemaV1 = StandardSchemaV1<unknown, NoArguments>>(
  configuration: JobConfiguration<Schema>,
): JobDefinition<StandardSchemaV1.InferOutput<Schema>> {
  if (typeof configuration.name !== 'string' || configuration.name.trim() === '') {
    throw new WeirError({
      code: 'INVALID_JOB',
      domain: 'program',
      message: 'A job needs a name: a string that is not empty.',
      advice: "Say defineJob({ name: '...', build(env) { ... } }).",
    });
  }
  if (typeof configuration.build !== 'function') {
    throw new WeirError({
      code: 'INVALID_JOB',
      domain: 'program',
      message: `Job "${configuration.name}" has no build function.`,
      advice: "Say defineJob({ name: '...', build(env) { ... } }).",
    });
  }
  return Object.freeze({
    [brand]: 1 as const,
    name: configuration.name,
    args: configuration.args as StandardSchemaV1<unknown, StandardSchemaV1.InferOutput<Schema>> | undefined,
    parallelism: configuration.parallelism,
    maxParallelism: configuration.maxParallelism,
    checkpointing: Object.freeze({ intervalMs: configuration.checkpointing?.intervalMs }),
    restartStrategy: configuration.restartStrategy,
    build: (env: Environment, args: StandardSchemaV1.InferOutput<Schema>) => configuration.build(env, args),
  });
}

/** Knows job definitions again, also of another copy of this package. */
export function isJobDefinition(value: unknown): value is JobDefinition {
  return typeof value === 'object' && value !== null && brand in value && value[brand] === 1;
}
