import { WeirError } from '../base/errors.ts';
import type { Cloud, RecordFields } from '../cloud/index.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { type JobRecord, protocolVersion } from '../protocol/job-record.ts';
import { recordKeys } from '../protocol/names.ts';

/** What a decision wants done with the record it saw. */
export type Decision<T> = { readonly answer: T; readonly put?: JobRecord };

const conflictsMax = 100;
const doubtsMax = 4;

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
    return (await this.#read(jobId)).record;
  }

  /**
   * Lets `decide` see the record, and puts what it wants in its place, on condition that nobody was faster; else asks
   * again with what stands there now. A write of unknown outcome is read back by asking again too: decisions recognize
   * their own work. What a decision reads besides was read after the record.
   */
  async update<T>(jobId: string, decide: (record: JobRecord) => Decision<T> | Promise<Decision<T>>): Promise<T> {
    let doubts = 0;
    for (let conflicts = 0; conflicts < conflictsMax; ) {
      try {
        const { record, revision } = await this.#read(jobId);
        const { answer, put } = await decide(record);
        if (put === undefined) return answer;
        const outcome = await this.#cloud.records.put(recordKeys.job(jobId), toFields(put), { kind: 'revision', revision });
        if (outcome.kind === 'stored') return answer;
        conflicts++;
      } catch (error) {
        if (WeirError.is(error) && (error.domain === 'internal' || error.domain === 'user')) throw error;
        if (++doubts > doubtsMax) throw error;
        await this.#cloud.clock.sleep(20 * 2 ** doubts);
      }
    }
    throw new WeirError({
      code: 'JOB_RECORD_CONTENDED',
      domain: 'resources',
      message: `The record of job ${jobId} changed ${conflictsMax} times while it was being updated.`,
      subject: { jobId },
    });
  }

  async #read(jobId: string): Promise<{ readonly record: JobRecord; readonly revision: number }> {
    const stored = await this.#cloud.records.get(recordKeys.job(jobId));
    if (stored === undefined) throw jobNotFound(jobId);
    const record = stored.fields as unknown as JobRecord;
    if (record.protocolVersion > protocolVersion) {
      throw new WeirError({
        code: 'PROTOCOL_TOO_NEW',
        domain: 'user',
        message: `Job ${jobId} runs under protocol version ${record.protocolVersion}; this release knows up to ${protocolVersion}.`,
        advice: 'Use a release of Weir at least as new as the one that submitted the job.',
        subject: { jobId },
      });
    }
    return { record, revision: stored.revision };
  }
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
