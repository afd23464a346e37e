import { WeirError } from '../base/errors.ts';
import { type Cloud, type Decision, recordsOf, updateRecord } from '../cloud/index.ts';
import { checkpointOfSnapshotIndex, recordKeys } from '../protocol/names.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';

type Stores = Pick<Cloud, 'records' | 'clock'>;

/** Whatever state it is in; nothing if the deployment knows no snapshot of this path. */
export async function readSnapshot(cloud: Stores, path: string): Promise<SnapshotRecord | undefined> {
  const stored = await cloud.records.get(recordKeys.snapshot(path));
  return stored?.fields as unknown as SnapshotRecord | undefined;
}

/** See updateRecord. Throws SNAPSHOT_CONTENDED when others are always faster. */
export async function updateSnapshot<T>(
  cloud: Stores,
  path: string,
  decide: (record: SnapshotRecord | undefined) => Decision<T, SnapshotRecord> | Promise<Decision<T, SnapshotRecord>>,
): Promise<T> {
  return await updateRecord<T, SnapshotRecord>(cloud, {
    key: recordKeys.snapshot(path),
    decide,
    contended: (conflicts) =>
      new WeirError({
        code: 'SNAPSHOT_CONTENDED',
        domain: 'resources',
        message: `The record of the snapshot ${path} changed ${conflicts} times while it was being updated.`,
        advice: 'Try again.',
        subject: { path },
      }),
  });
}

/**
 * Makes a snapshot known: its entry in the job's index, then its record. Known already: only `effectsDone` may still turn
 * true. One that was deleted stays so.
 */
export async function recordSnapshot(cloud: Stores, record: SnapshotRecord): Promise<void> {
  const { path } = record;
  await cloud.records.put(recordKeys.snapshotIndex(record), { path }, { kind: 'absent' });
  await updateSnapshot(cloud, path, (known) => {
    if (known === undefined) return { answer: undefined, put: record };
    if (known.state !== 'live' || known.effectsDone || !record.effectsDone) return { answer: undefined };
    return { answer: undefined, put: { ...known, effectsDone: true } };
  });
}

/** An entry of a job's index. Without a record: it is just being made known, or its snapshot is long gone. */
export interface SnapshotEntry {
  readonly path: string;
  readonly checkpoint: number;
  readonly record: SnapshotRecord | undefined;
}

/**
 * The job's index as it stands, in the order of the checkpoints, or a part of it, both ends included. Of deleted snapshots
 * those that a job took segments over from are still there.
 */
export async function snapshotEntries(
  cloud: Pick<Cloud, 'records'>,
  jobId: string,
  { from = 0, to = Number.POSITIVE_INFINITY }: { readonly from?: number; readonly to?: number } = {},
): Promise<readonly SnapshotEntry[]> {
  const entries: { readonly path: string; readonly checkpoint: number }[] = [];
  const index = recordsOf(cloud.records, recordKeys.snapshotIndexPartition(jobId), { after: recordKeys.snapshotIndexFrom(from) });
  for await (const { key, fields } of index) {
    const checkpoint = checkpointOfSnapshotIndex(key);
    if (checkpoint > to) break;
    entries.push({ path: String(fields['path']), checkpoint });
  }
  if (entries.length === 0) return [];
  const found = await cloud.records.getMany(entries.map(({ path }) => recordKeys.snapshot(path)));
  return entries.map((entry, index) => ({ ...entry, record: found[index]?.fields as unknown as SnapshotRecord | undefined }));
}

/** The job's snapshots that are live or being deleted, in the order of their checkpoints. */
export async function snapshotsOfJob(cloud: Pick<Cloud, 'records'>, jobId: string): Promise<readonly SnapshotRecord[]> {
  const records = (await snapshotEntries(cloud, jobId)).flatMap(({ record }) => record ?? []);
  return records.filter(({ state }) => state !== 'deleted');
}

/** Jobs that began with the snapshot's segments as their own: its record tells of them even when it is long deleted. */
export const heirsOf = ({ claims }: SnapshotRecord): readonly string[] =>
  claims.filter(({ mode }) => mode === 'claim').map(({ jobId }) => jobId);
