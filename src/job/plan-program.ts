import { messageOf, WeirError } from '../base/errors.ts';
import { graphDigest } from '../graph/graph-digest.ts';
import { type BuildOptions, buildJob } from '../stream/build-job.ts';
import type { JobDefinition } from '../stream/define-job.ts';
import type { Portable } from '../values/portable.ts';
import type { PlanReply } from './plan.ts';

/** Builds the job once to see what it is; whatever the author or the caller did wrong comes back as a refusal. */
export function planProgram(
  definition: JobDefinition,
  args: unknown,
  parallelism: number | undefined,
  maxParallelisms?: BuildOptions['maxParallelisms'],
): PlanReply {
  try {
    const wanted = parallelism ?? definition.parallelism ?? 1;
    const { jobGraph, warnings } = buildJob(definition, args, { parallelism: wanted, maxParallelisms });
    return {
      kind: 'plan',
      plan: {
        jobName: jobGraph.jobName,
        args: args as Portable,
        parallelism: wanted,
        graph: jobGraph,
        graphDigest: graphDigest(jobGraph),
        warnings,
        ...(definition.checkpointing?.intervalMs === undefined ? {} : { checkpointIntervalMs: definition.checkpointing.intervalMs }),
        ...(definition.restartStrategy === undefined ? {} : { restartStrategy: definition.restartStrategy }),
        ...(definition.checkpointing?.retention === undefined ? {} : { retention: definition.checkpointing.retention }),
        // A job file may bring an older copy of this package, whose definitions know nothing of it.
        ...(definition.savepoints?.directory === undefined ? {} : { savepointDirectory: definition.savepoints.directory }),
      },
    };
  } catch (error) {
    if (!WeirError.is(error)) {
      return {
        kind: 'refused',
        code: 'BUILD_FAILED',
        message: `build() of job "${definition.name}" threw: ${messageOf(error)}`,
        advice: 'build() must be synchronous and pure: no I/O, clock or randomness.',
      };
    }
    return { kind: 'refused', code: error.code, message: error.message, ...(error.advice === undefined ? {} : { advice: error.advice }) };
  }
}
