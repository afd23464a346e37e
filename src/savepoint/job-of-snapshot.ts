import type { Cloud } from '../cloud/index.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import { recordKeys } from '../protocol/names.ts';

/** The record of a job, if there is such a job. */
export async function jobRecordOf(cloud: Pick<Cloud, 'records'>, jobId: string): Promise<JobRecord | undefined> {
  return (await cloud.records.get(recordKeys.job(jobId)))?.fields as unknown as JobRecord | undefined;
}

/** A job's description and record; nothing unless both are there. */
export async function jobOf(
  cloud: Pick<Cloud, 'records'>,
  jobId: string,
): Promise<{ readonly description: JobDescription; readonly record: JobRecord } | undefined> {
  const [description, record] = await cloud.records.getMany([recordKeys.jobDescription(jobId), recordKeys.job(jobId)]);
  if (description === undefined || record === undefined) return undefined;
  return { description: description.fields as unknown as JobDescription, record: record.fields as unknown as JobRecord };
}
