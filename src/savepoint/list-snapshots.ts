import type { Cloud } from '../cloud/index.ts';
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
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await cloud.records.query(recordKeys.jobIndexPartition, after === undefined ? {} : { after });
    for (const { fields } of page.records) ids.push(String(fields['jobId']));
    after = page.next;
  } while (after !== undefined);
  return ids;
}
