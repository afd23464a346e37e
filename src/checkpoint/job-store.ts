import { WeirError } from '../base/errors.ts';
import { type Cloud, type Decision, type RecordFields, updateRecord } from '../cloud/index.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { type JobRecord, protocolVersion } from '../protocol/job-record.ts';
import { recordKeys } from '../protocol/names.ts';

/** Reads and conditionally writes job records. Decisions are pure and may be asked several times. */
export class JobStore {
  readonly #cloud: Cloud;
  readonly #descriptions = new Map<string, JobDescription>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Throws JOB_NOT_FOUND. Descriptions never change, so they are read once. */
  async description(jobId: string): Promise<JobDescription> {
    const known = this.#descriptions.get(jobId);
    if (known !== undefined) return known;
    const stored = await this.#cloud.records.get(recordKeys.jobDescription(jobId));
    if (stored === undefined) throw jobNotFound(jobId);
    const description = stored.fields as unknown as JobDescription;
    this.#descriptions.set(jobId, description);
    return description;
  }

  /** Throws JOB_NOT_FOUND, and PROTOCOL_TOO_NEW for a record of a later release. */
  async record(jobId: string): Promise<JobRecord> {
    const stored = await this.#cloud.records.get(recordKeys.job(jobId));
    return known(jobId, stored?.fields as unknown as JobRecord | undefined);
  }

  /** See updateRecord. Throws JOB_NOT_FOUND, PROTOCOL_TOO_NEW, and JOB_RECORD_CONTENDED when others are always faster. */
  async update<T>(jobId: string, decide: (record: JobRecord) => Decision<T, JobRecord> | Promise<Decision<T, JobRecord>>): Promise<T> {
    return await updateRecord<T, JobRecord>(this.#cloud, {
      key: recordKeys.job(jobId),
      decide: (record) => decide(known(jobId, record)),
      contended: (conflicts) =>
        new WeirError({
          code: 'JOB_RECORD_CONTENDED',
          domain: 'resources',
          message: `The record of job ${jobId} changed ${conflicts} times while it was being updated.`,
          subject: { jobId },
        }),
    });
  }
}

function known(jobId: string, record: JobRecord | undefined): JobRecord {
  if (record === undefined) throw jobNotFound(jobId);
  if (record.protocolVersion <= protocolVersion) return record;
  throw new WeirError({
    code: 'PROTOCOL_TOO_NEW',
    domain: 'user',
    message: `Job ${jobId} runs under protocol version ${record.protocolVersion}; this release knows up to ${protocolVersion}.`,
    advice: 'Use a release of Weir at least as new as the one that submitted the job.',
    subject: { jobId },
  });
}

export const toFields = (record: JobRecord | JobDescription): RecordFields => record as unknown as RecordFields;

export function jobNotFound(jobId: string): WeirError {
  return new WeirError({
    code: 'JOB_NOT_FOUND',
    domain: 'user',
    message: `Could not find job ${jobId}.`,
    advice: 'List all jobs with: weir list -a',
    subject: { jobId },
  });
}
