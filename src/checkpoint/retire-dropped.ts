import type { CheckpointRef } from '../protocol/command.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { retireCheckpoint } from './retire-checkpoint.ts';

/**
 * After a commit: retires the checkpoints that are kept no longer. A segment is in the manifests of one run of
 * checkpoints, so the oldest one that is kept tells which segments are still needed. Best effort.
 */
export async function retireDropped(
  parts: CoordinatorParts,
  before: JobRecord,
  after: JobRecord,
  known: readonly (Manifest | undefined)[],
): Promise<void> {
  const kept = [...after.retained, after.latest];
  const dropped = [...before.retained, before.latest].filter((ref) => !kept.some((each) => each.attempt === ref.attempt));
  const read = async (ref: CheckpointRef): Promise<Manifest | undefined> =>
    known.find((manifest) => manifest?.attempt === ref.attempt && manifest.checkpoint === ref.checkpoint) ??
    (await parts.manifests.read(ref));
  try {
    for (const ref of dropped) {
      if (ref.manifest === undefined) continue;
      const [manifest, next] = [await read(ref), await read(kept[0]!)];
      if (manifest !== undefined) await retireCheckpoint(parts.cloud, { manifest, uri: ref.manifest.uri }, next, after.pinnedUpTo);
    }
  } catch {
    // The commit stands; the sweep finds what stayed.
  }
}
