import { OperationStore } from '../checkpoint/operation-store.ts';
import { type Cloud, fieldsOf } from '../cloud/index.ts';
import { recordKeys } from '../protocol/names.ts';
import { knownJobs } from '../savepoint/list-snapshots.ts';

/**
 * What the sweep goes by, so that it costs with what lives and not with all that ever was: an entry per job, written before
 * its record, and one per disposal, written before its operation. An entry whose job or disposal is over is taken away by
 * the sweep; what is over never lives again, so that a late entry is only taken away once more.
 */
export async function liveJobIds(cloud: Pick<Cloud, 'records'>): Promise<readonly string[]> {
  await indexOnce(cloud);
  return (await fieldsOf(cloud.records, recordKeys.liveJobsPartition)).map(({ jobId }) => String(jobId));
}

export async function liveDisposalIds(cloud: Pick<Cloud, 'records'>): Promise<readonly string[]> {
  await indexOnce(cloud);
  return (await fieldsOf(cloud.records, recordKeys.liveDisposalsPartition)).map(({ id }) => String(id));
}

/** What was there before there were entries gets them, once in the life of a table. */
async function indexOnce({ records }: Pick<Cloud, 'records'>): Promise<void> {
  if ((await records.get(recordKeys.liveIndexed)) !== undefined) return;
  for (const jobId of await knownJobs({ records })) await records.put(recordKeys.liveJob(jobId), { jobId }, { kind: 'always' });
  for (const { id } of await new OperationStore({ records }).list(undefined))
    await records.put(recordKeys.liveDisposal(id), { id }, { kind: 'always' });
  await records.put(recordKeys.liveIndexed, {}, { kind: 'always' });
}
