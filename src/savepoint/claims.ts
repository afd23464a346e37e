import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import { isAlive } from '../protocol/job-record.ts';
import { objectUris } from '../protocol/names.ts';
import { type SegmentRef, segmentName } from '../protocol/segment-ref.ts';
import type { ClaimMode, SnapshotClaim, SnapshotRecord } from '../protocol/snapshot-record.ts';
import { neededByJob } from './holders.ts';
import { jobOf, jobRecordOf } from './job-of-snapshot.ts';
import { newSnapshotRecord } from './new-snapshot-record.ts';
import type { OpenedSnapshot } from './open-snapshot.ts';
import { disposed, titleOf } from './snapshot-errors.ts';
import { readSnapshot, updateSnapshot } from './snapshot-store.ts';

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;

export interface ClaimedSnapshot {
  /** Whether the segment becomes the job's own; all others are foreign to it. Never under `no_claim`. */
  owns(ref: SegmentRef): boolean;
}

/**
 * Says that a job is going to read from a snapshot, before the job exists: from now on the snapshot is not deleted while
 * the claim holds. The same claim again is the same. Throws SAVEPOINT_DISPOSED, and SAVEPOINT_CLAIMED if another job has
 * it for itself, or if it is asked for with `claim` while others read from it.
 */
export async function claimSnapshot(
  cloud: Stores,
  snapshot: OpenedSnapshot,
  by: { readonly jobId: string; readonly mode: ClaimMode },
): Promise<ClaimedSnapshot> {
  const { path } = snapshot;
  await updateSnapshot(cloud, path, async (known) => {
    if (known !== undefined && known.state !== 'live') throw disposed(path, known.state);
    const record = known ?? recordOfUnknown(cloud, snapshot);
    const others: SnapshotClaim[] = [];
    for (const claim of record.claims) {
      if (claim.jobId !== by.jobId && (await claimHolds(cloud, claim))) others.push(claim);
    }
    const inTheWay = others.find(({ mode }) => mode === 'claim' || by.mode === 'claim');
    if (inTheWay !== undefined) throw claimed(path, inTheWay, by.mode);
    const before = record.claims.find(({ jobId }) => jobId === by.jobId);
    const now = cloud.clock.now();
    // A submission that is repeated late has as much time again.
    if (before?.mode === by.mode && now - before.at < limits.claimGraceMs / 2) return { answer: undefined };
    const claim: SnapshotClaim = { jobId: by.jobId, mode: by.mode, at: now };
    return { answer: undefined, put: { ...record, claims: [...others, claim] } };
  });
  if (by.mode === 'no_claim') return { owns: () => false };
  const needed = snapshot.selfContained ? undefined : await neededByJob(cloud, snapshot.manifest.jobId, snapshot);
  return { owns: (ref) => ref.foreign !== true && needed?.has(segmentName(ref)) !== true };
}

/** A self-contained savepoint from elsewhere is known from its first claim on. */
function recordOfUnknown(cloud: Stores, snapshot: OpenedSnapshot): SnapshotRecord {
  const createdAt = cloud.clock.now();
  return newSnapshotRecord({ ...snapshot, kind: 'savepoint', format: 'canonical', createdAt, effectsDone: false });
}

/** Whether the job that a claim is for may still read from the snapshot. */
export async function claimHolds(cloud: Pick<Cloud, 'records' | 'clock'>, claim: SnapshotClaim): Promise<boolean> {
  const job = await jobRecordOf(cloud, claim.jobId);
  if (job === undefined) return cloud.clock.now() - claim.at < limits.claimGraceMs;
  if (isAlive(job)) return job.claims === true || job.effects?.releaseClaim === true;
  return job.foreign === true && (await retainsLatest(cloud, claim.jobId));
}

/** Of a job that has ended: its last checkpoint is kept, with all that it refers to. */
async function retainsLatest(cloud: Pick<Cloud, 'records' | 'clock'>, jobId: string): Promise<boolean> {
  const job = await jobOf(cloud, jobId);
  if (job === undefined) return false;
  const path = objectUris.checkpointDirectory(job.description.stateRoot, jobId, job.record.latest.checkpoint);
  const record = await readSnapshot(cloud, path);
  return record !== undefined && record.state !== 'deleted';
}

function claimed(path: string, by: SnapshotClaim, wanted: ClaimMode): WeirError {
  const why =
    by.mode === 'claim'
      ? `job ${by.jobId} was started from it with claim mode "claim" and has it for itself`
      : `it can't be had with claim mode "${wanted}" while job ${by.jobId} still reads from it`;
  return new WeirError({
    code: 'SAVEPOINT_CLAIMED',
    domain: 'user',
    message: `${titleOf(path)} can't be restored from: ${why}.`,
    advice:
      by.mode === 'claim'
        ? `Take a savepoint of that job instead: weir savepoint ${by.jobId}`
        : 'Use claim mode "no_claim", or wait until that job has completed its first checkpoints.',
    subject: { path, jobId: by.jobId },
  });
}
