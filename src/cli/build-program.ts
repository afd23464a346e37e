import { messageOf, WeirError } from '../base/errors.ts';
import { bundleProgram } from '../program/bundle-program.ts';
import { loadJob } from '../program/load-job.ts';
import { type BuiltJob, buildJob } from '../stream/build-job.ts';

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
  const definition = await loadJob(bundle.job, jobFile);
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
