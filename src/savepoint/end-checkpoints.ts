import { assert } from '../base/assert.ts';
import type { Cloud } from '../cloud/index.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { isTerminal, type JobRecord } from '../protocol/job-record.ts';
import { decodeManifest, verifiedManifest } from '../protocol/manifest-codec.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import { objectUris } from '../protocol/names.ts';
import { retentionOf } from '../protocol/retention.ts';
import { deleteSegments } from './delete-stored.ts';
import { dropClaim, releaseClaim } from './dispose-snapshot.ts';
import { type Candidate, unneededOf } from './holders.ts';
import { newSnapshotRecord } from './new-snapshot-record.ts';
import { recordSnapshot } from './snapshot-store.ts';

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;

/**
 * What becomes of the checkpoints of a job that has ended, by its retention policy: they turn into snapshots, or they are
 * deleted with all that no savepoint refers to. An effect of the job's end: to be done after its committables are
 * published and its savepoints are recorded, again after any failure, and at once twice. The latest manifest goes last of
 * all, so whoever finds it missing knows that all that came before was done.
 */
export async function endCheckpoints(cloud: Stores, description: JobDescription, record: JobRecord): Promise<void> {
  assert(isTerminal(record.status), 'checkpoints come to their end with their job');
  const completed = [...record.retained, record.latest].filter(({ attempt }) => attempt > 0);
  if (retains(description, record)) {
    for (const checkpoint of completed) await retain(cloud, description, checkpoint);
    if (record.foreign !== true || completed.length === 0) await giveUpClaim(cloud, description, record);
    if (completed.length === 0) await deleteManifest(cloud, record.latest);
    return;
  }
  await giveUpClaim(cloud, description, record);
  await deleteOwnSegments(cloud, description.jobId, completed);
  for (const checkpoint of [...record.retained, record.latest]) await deleteManifest(cloud, checkpoint);
}

function retains(description: JobDescription, { status, retain }: JobRecord): boolean {
  if (retain === true) return true;
  const retention = retentionOf(description);
  if (status === 'FAILED') return retention.onFailure === 'retain';
  return (status === 'CANCELED' ? retention.onCancel : retention.onFinish) === 'retain';
}

async function retain(
  cloud: Stores,
  { stateRoot, jobId }: JobDescription,
  { checkpoint, manifest: metadata }: CheckpointRef,
): Promise<void> {
  assert(metadata !== undefined, 'a completed checkpoint has a manifest');
  const bytes = await cloud.objects.get(metadata.uri);
  // It was retained before, and disposed of since.
  if (bytes === undefined) return;
  const path = objectUris.checkpointDirectory(stateRoot, jobId, checkpoint);
  const fresh = { path, kind: 'checkpoint', format: 'native', createdAt: cloud.clock.now(), effectsDone: true } as const;
  const manifest = verifiedManifest(metadata, bytes);
  await recordSnapshot(cloud, newSnapshotRecord({ ...fresh, manifest, metadata, metadataBytes: bytes.byteLength }));
}

/**
 * A job that completed a checkpoint of its own may have deleted segments that it took over, so what it claimed for itself
 * is not whole any more and goes. One that completed none leaves what it was restored from as it was.
 */
async function giveUpClaim(cloud: Stores, { restored, jobId }: JobDescription, record: JobRecord): Promise<void> {
  if (restored === undefined || record.claims !== true) return;
  const of = { path: restored.path, jobId };
  await (record.latest.attempt > 0 ? releaseClaim(cloud, of) : dropClaim(cloud, of));
}

/** A segment goes unless a savepoint was taken while it was in use. */
async function deleteOwnSegments(cloud: Stores, jobId: string, completed: readonly CheckpointRef[]): Promise<void> {
  const last = new Map<string, Candidate>();
  for (const { checkpoint, manifest } of completed) {
    const found = manifest === undefined ? undefined : await cloud.objects.get(manifest.uri);
    if (found === undefined) continue;
    for (const [name, ref] of storedSegments(decodeManifest(found))) if (ref.foreign !== true) last.set(name, { ref, until: checkpoint });
  }
  await deleteSegments(cloud, await unneededOf(cloud, jobId, [...last.values()]));
}

async function deleteManifest(cloud: Stores, { manifest }: CheckpointRef): Promise<void> {
  if (manifest !== undefined) await cloud.objects.delete(manifest.uri);
}
