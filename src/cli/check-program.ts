import { resolve } from 'node:path';
import { functionEntries } from '../../functions/entries.ts';
import { WeirError } from '../base/errors.ts';
import { planProgram } from '../job/plan-program.ts';
import { bundleProgram } from '../program/bundle-program.ts';
import { loadJob } from '../program/load-job.ts';

export interface ProgramCheck {
  /** As the user wrote it. */
  readonly jobFile: string;
  readonly programsDirectory: string;
  readonly args: unknown;
  readonly parallelism?: number;
}

/**
 * Bundles a job file, loads it here and builds the job once, so that what is wrong with file or arguments is said before
 * anything is started. Gives the job's name.
 */
export async function checkProgram(check: ProgramCheck): Promise<{ readonly name: string }> {
  const bundle = await bundleProgram({ jobFile: check.jobFile, entries: functionEntries, outDir: check.programsDirectory });
  const definition = await loadJob(bundle.job, check.jobFile);
  const reply = planProgram(definition, check.args, check.parallelism);
  if (reply.kind === 'plan') return { name: reply.plan.jobName };
  const { code, message, advice } = reply;
  throw new WeirError({ code, domain: 'user', message, ...(advice === undefined ? {} : { advice }), subject: { file: resolve(check.jobFile) } });
}
