import type { JobDescription } from '../protocol/job-description.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import { buildJob } from '../stream/build-job.ts';
import type { JobDefinition } from '../stream/define-job.ts';

/** Builds a job once per environment: the program with the arguments and parallelism the job was submitted with. */
export function jobLoader(definition: JobDefinition): (description: JobDescription) => BuiltJob {
  const built = new Map<string, BuiltJob>();
  return (description) => {
    const known = built.get(description.jobId);
    if (known !== undefined) return known;
    const job = buildJob(definition, description.args, {
      parallelism: description.parallelism,
      maxParallelisms: description.maxParallelisms,
    });
    built.set(description.jobId, job);
    return job;
  };
}
