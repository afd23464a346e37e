import { WeirError } from '../base/errors.ts';
import { compileJobGraph } from '../graph/compile-job-graph.ts';
import { graphDigest } from '../graph/graph-digest.ts';
import type { JobGraph, StreamGraph } from '../graph/job-graph.ts';
import type { OperatorBody, Partitioners } from './body.ts';
import { checkArguments } from './check-arguments.ts';
import type { JobDefinition } from './define-job.ts';
import { isJobDefinition } from './define-job.ts';
import { Environment } from './environment.ts';
import { GraphBuilder } from './graph-builder.ts';
import { graphWarnings } from './graph-warnings.ts';
import { notAJob } from './not-a-job.ts';
import { requireUids } from './require-uids.ts';

/** What `build` of a job definition made: frozen graphs, and the user's code by stream node. */
export interface BuiltJob {
  readonly streamGraph: StreamGraph;
  readonly jobGraph: JobGraph;
  /** By `StreamNode.node`. */
  readonly bodies: readonly OperatorBody[];
  readonly partitioners: Partitioners;
  /** Whole sentences for the author, e.g. stateful operators without a uid. */
  readonly warnings: readonly string[];
}

export interface BuildOptions {
  /** Of operators that set none of their own; goes before what the job file says, then 1. */
  readonly parallelism?: number;
  /**
   * Max parallelism that was adopted from what the job is restored from, by vertex: as long as the vertex sets none of its
   * own, it is counted by this, and not by what follows from its parallelism.
   */
  readonly maxParallelisms?: { readonly [vertexId: string]: number } | undefined;
}

/**
 * Runs `build` with these arguments, as they were written (they are checked here), and compiles what it made. Throws
 * WeirError on wrong arguments, on a graph that cannot run, and on a `build` that is asynchronous or impure; what
 * `build` itself throws comes through as it is.
 */
export function buildJob(definition: JobDefinition, args: unknown, options: BuildOptions = {}): BuiltJob {
  if (!isJobDefinition(definition)) throw notAJob('the job file', definition);
  const parallelism = options.parallelism ?? definition.parallelism ?? 1;
  const checked = checkArguments(definition, args);
  const built = buildOnce(definition, checked, parallelism, options.maxParallelisms);
  const again = buildOnce(definition, checked, parallelism, options.maxParallelisms);
  if (graphDigest(built.jobGraph) !== graphDigest(again.jobGraph)) {
    throw new WeirError({
      code: 'IMPURE_BUILD',
      domain: 'program',
      message: `build of job "${definition.name}" made two different graphs from the same arguments.`,
      advice: 'Let build depend on its arguments and the parallelism only: no clock, randomness, environment or counters outside of it.',
      subject: { job: definition.name },
    });
  }
  return Object.freeze({ ...built, warnings: graphWarnings(built.streamGraph, built.bodies) });
}

function buildOnce(
  definition: JobDefinition,
  args: unknown,
  parallelism: number,
  maxParallelisms: BuildOptions['maxParallelisms'],
): Omit<BuiltJob, 'warnings'> {
  const builder = new GraphBuilder(definition.name, parallelism, definition.maxParallelism);
  const returned: unknown = definition.build(new Environment(builder, parallelism), args);
  if (returned instanceof Promise) {
    returned.catch(() => undefined);
    throw new WeirError({
      code: 'ASYNC_BUILD',
      domain: 'program',
      message: `build of job "${definition.name}" returned a promise.`,
      advice: 'Make build synchronous: it runs in every cold start and may do no I/O.',
      subject: { job: definition.name },
    });
  }
  const { streamGraph, bodies, partitioners } = builder.finish();
  try {
    if (definition.strictUids) requireUids(streamGraph);
    return { streamGraph, jobGraph: compileJobGraph(streamGraph, maxParallelisms), bodies, partitioners };
  } catch (error) {
    throw atItsOperator(error, builder);
  }
}

/** A graph is refused after `build` has returned: the error points to where the operator was added that it is about. */
function atItsOperator(error: unknown, builder: GraphBuilder): unknown {
  const node = WeirError.is(error) ? error.subject['node'] : undefined;
  if (!WeirError.is(error) || typeof node !== 'number') return error;
  const placed = error.about({});
  placed.stack = `${error.name}: ${error.message}\n${builder.placeOf(node).split('\n').slice(1).join('\n')}`;
  return placed;
}
