import { Console } from 'node:console';
import { messageOf, WeirError } from '../base/errors.ts';
import { bundleProgram } from '../program/bundle-program.ts';
import { loadJob } from '../program/load-job.ts';
import { type BuiltJob, buildJob } from '../stream/build-job.ts';
import type { JobDefinition } from '../stream/define-job.ts';

export interface ProgramRequest {
  /** As the user wrote it. */
  readonly jobFile: string;
  /** Handlers to bundle the job into, for those who run it. */
  readonly entries: Readonly<Record<string, string>>;
  /** Where the bundle goes. */
  readonly outDir: string;
  readonly sourceMaps?: 'linked' | 'inline';
  readonly args: unknown;
  readonly parallelism?: number;
}

/**
 * Bundles a job file, loads it in this process and builds the job once: what is wrong with file or arguments is said before
 * anything is started. What fails in the author's code is BUILD_FAILED or JOB_FILE_FAILED, with its cause.
 */
export async function buildProgram(request: ProgramRequest): Promise<BuiltJob> {
  const { jobFile, args, parallelism } = request;
  const bundle = await bundleProgram(request);
  // From here on the author's code runs, and what it throws should name the author's lines.
  process.setSourceMapsEnabled(true);
  const restore = consoleToStandardError();
  try {
    const definition = await loadJob(bundle.job, jobFile);
    return built(definition, args, parallelism);
  } finally {
    restore();
  }
}

/** What the author's code prints while the graph is built is no result of the command. */
function consoleToStandardError(): () => void {
  const before = { ...console };
  Object.assign(console, new Console({ stdout: process.stderr, stderr: process.stderr }));
  return () => void Object.assign(console, before);
}

function built(definition: JobDefinition, args: unknown, parallelism: number | undefined): BuiltJob {
  try {
    return buildJob(definition, args, parallelism === undefined ? {} : { parallelism });
  } catch (error) {
    if (WeirError.is(error)) throw error;
    throw new WeirError({
      code: 'BUILD_FAILED',
      domain: 'program',
      message: `build() of job "${definition.name}" threw: ${messageOf(error)}`,
      advice: 'build() must be synchronous and pure: no I/O, clock or randomness.',
      cause: error,
    });
  }
}
