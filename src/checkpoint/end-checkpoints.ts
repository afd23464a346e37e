import { assert } from '../base/assert.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import { objectUris } from '../protocol/names.ts';
import { retentionOf } from '../protocol/retention.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { makeSnapshotKnown } from './make-snapshot-known.ts';
import { retireCheckpoint } from './retire-checkpoint.ts';

/**
 * What becomes of the checkpoints of a job that has ended, by its retention policy: each that is kept becomes a snapshot,
 * found as `chk-<n>` and restored from like a savepoint; else they go, as far as no savepoint needs them.
 */
export async function endCheckpoints(parts: CoordinatorParts, description: JobDescription, record: JobRecord): Promise<void> {
  const refs = [...record.retained, record.latest].filter((ref) => ref.attempt > 0);
  if (retained(description, record)) {
    for (const ref of refs) {
      assert(ref.manifest !== undefined, 'a completed checkpoint has a manifest');
      const path = objectUris.checkpointDirectory(description.stateRoot, description.jobId, ref.checkpoint);
      await makeSnapshotKnown(parts, { path, kind: 'checkpoint', ref, metadata: ref.manifest });
    }
    return;
  }
  for (const [index, ref] of refs.entries()) {
    const next = refs[index + 1];
    // What a repeated call does not find any more was deleted by the one before.
    if (ref.manifest === undefined || (await parts.cloud.objects.head(ref.manifest.uri)) === undefined) continue;
    const manifest = await parts.manifests.read(ref);
    const kept = next === undefined ? undefined : await parts.manifests.read(next);
    if (manifest !== undefined) await retireCheckpoint(parts.cloud, { manifest, uri: ref.manifest.uri }, kept, record.pinnedUpTo);
  }
}

function retained(description: JobDescription, { status }: JobRecord): boolean {
  const policy = retentionOf(description);
  if (status === 'FINISHED') return policy.onFinish === 'retain';
  return (status === 'CANCELED' ? policy.onCancel : policy.onFailure) === 'retain';
}
