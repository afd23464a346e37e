import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import { JobService, type JobView } from '../job/job-service.ts';
import type { ProgramRef } from '../protocol/job-description.ts';
import { recordKeys } from '../protocol/names.ts';

/** A program's record: what runs it, and what it is called. */
export interface ProgramRecord extends ProgramRef {
  readonly name: string;
  readonly createdAt: number;
}

/** What the routes stand on. */
export class ControlService {
  readonly cloud: Cloud;
  readonly jobs: JobService;
  readonly version: string;

  /** `stateRoot` is where checkpoints go, `version` what replies call this software. */
  constructor(cloud: Cloud, options: { readonly stateRoot: string; readonly version: string }) {
    this.cloud = cloud;
    this.jobs = new JobService(cloud, { stateRoot: options.stateRoot });
    this.version = options.version;
  }

  now(): number {
    return this.cloud.clock.now();
  }

  /** Throws JOB_NOT_FOUND. */
  async job(jobId: string): Promise<JobView> {
    const view = await this.jobs.get(jobId);
    if (view !== undefined) return view;
    throw new WeirError({
      code: 'JOB_NOT_FOUND',
      domain: 'user',
      message: `Job ${jobId} not found.`,
      advice: '`weir list -a` shows the jobs that are known here.',
      subject: { jobId },
    });
  }

  /** All deployed programs, by id. */
  async programs(): Promise<readonly ProgramRecord[]> {
    const found: ProgramRecord[] = [];
    let after: string | undefined;
    do {
      const page = await this.cloud.records.query(recordKeys.program('').partition, after === undefined ? {} : { after });
      for (const record of page.records) found.push(record.fields as unknown as ProgramRecord);
      after = page.next;
    } while (after !== undefined);
    return found;
  }
}
