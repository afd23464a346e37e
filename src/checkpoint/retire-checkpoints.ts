import type { Cloud } from '../cloud/index.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { verifiedManifest } from '../protocol/manifest-codec.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import { deleteSegments } from '../savepoint/delete-stored.ts';
import { unneededOf } from '../savepoint/holders.ts';

/** The job record just before a commit and just after it, and the manifests that are at hand. */
export interface Commit {
  readonly before: JobRecord;
  readonly after: JobRecord;
  readonly manifests: readonly (Manifest | undefined)[];
}

/**
 * Deletes what dropped out of the checkpoints that a job keeps, savepoints excepted. Best effort, and only after the
 * commit: whoever still reads the old one is fenced off, and what is left behind by a failure is an orphan that the
 * collection of garbage explains and removes. What the job was restored from is not its own to delete.
 */
export async function retireCheckpoints(cloud: Pick<Cloud, 'records' | 'objects'>, commit: Commit): Promise<void> {
  const kept = keptBy(commit.after);
  const dropped = keptBy(commit.before).filter(({ attempt }) => !kept.some((each) => each.attempt === attempt));
  const oldest = kept[0];
  if (dropped.length === 0 || oldest === undefined) return;
  try {
    const still = storedSegments(await manifestOf(cloud, oldest, commit));
    for (const checkpoint of dropped) {
      const segments = [...storedSegments(await manifestOf(cloud, checkpoint, commit))];
      const going = segments.flatMap(([name, ref]) => (still.has(name) || ref.foreign === true ? [] : [ref]));
      await deleteSegments(cloud, await unpinned(cloud, going, checkpoint.checkpoint, commit.after));
      await cloud.objects.delete(checkpoint.manifest!.uri);
    }
  } catch {
    // The commit stands; what stayed is found later.
  }
}

const keptBy = ({ retained, latest }: JobRecord): readonly CheckpointRef[] =>
  [...retained, latest].filter(({ manifest }) => manifest !== undefined);

/** Only segments of a time when savepoints were taken can be pinned by one: for all others nobody is asked. */
async function unpinned(
  cloud: Pick<Cloud, 'records' | 'objects'>,
  refs: readonly SegmentRef[],
  until: number,
  { jobId, pinnedUpTo }: JobRecord,
): Promise<readonly SegmentRef[]> {
  const pinnable = refs.filter(({ checkpoint }) => checkpoint <= pinnedUpTo);
  const asked = await unneededOf(
    cloud,
    jobId,
    pinnable.map((ref) => ({ ref, until })),
  );
  return [...refs.filter(({ checkpoint }) => checkpoint > pinnedUpTo), ...asked];
}

async function manifestOf(cloud: Pick<Cloud, 'objects'>, of: CheckpointRef, { manifests }: Commit): Promise<Manifest> {
  const known = manifests.find((manifest) => manifest?.attempt === of.attempt && manifest.checkpoint === of.checkpoint);
  return known ?? verifiedManifest(of.manifest!, await cloud.objects.get(of.manifest!.uri));
}
