import { type Cloud, fieldsOf } from '../cloud/index.ts';
import { recordKeys } from '../protocol/names.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';
import { snapshotsOfJob } from './snapshot-store.ts';

export interface ListOptions {
  /** Left out: of all jobs that are known. */
  readonly jobId?: string;
  readonly kind?: SnapshotRecord['kind'];
}

/** Live snapshots, and those being deleted: by job in the order of submission, then by checkpoint. */
export async function listSnapshots(cloud: Pick<Cloud, 'records'>, options: ListOptions = {}): Promise<readonly SnapshotRecord[]> {
  const jobIds = options.jobId === undefined ? await knownJobs(cloud) : [options.jobId];
  const found: SnapshotRecord[] = [];
  for (const jobId of jobIds) found.push(...(await snapshotsOfJob(cloud, jobId)));
  return found.filter(({ kind }) => options.kind === undefined || kind === options.kind);
}

/** Ids of all jobs, in the order in which they were submitted. */
export async function knownJobs(cloud: Pick<Cloud, 'records'>): Promise<readonly string[]> {
  return (await fieldsOf(cloud.records, recordKeys.jobIndexPartition)).map(({ jobId }) => String(jobId));
}
