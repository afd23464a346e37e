import { pathToFileURL } from 'node:url';
import { messageOf, WeirError } from '../base/errors.ts';
import type { JobDefinition } from '../stream/define-job.ts';
import { isJobDefinition } from '../stream/define-job.ts';
import { notAJob } from '../stream/not-a-job.ts';

/**
 * Imports a bundled job file, which runs its top level in this process, and gives the job. `subject` is how messages
 * call the file, by default its path. Throws JOB_FILE_FAILED if its top level throws, NOT_A_JOB if it exports none.
 */
export async function loadJob(bundleFile: string, subject: string = bundleFile): Promise<JobDefinition> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(bundleFile).href)) as { readonly default?: unknown };
  } catch (error) {
    if (WeirError.is(error)) throw error;
    throw new WeirError({
      code: 'JOB_FILE_FAILED',
      domain: 'user',
      message: `Job file "${subject}" failed while it was loaded: ${messageOf(error)}`,
      advice: 'Its top level should only define things.',
      cause: error,
    });
  }
  if (!isJobDefinition(loaded.default)) throw notAJob(`job file "${subject}"`, loaded.default);
  return loaded.default;
}
