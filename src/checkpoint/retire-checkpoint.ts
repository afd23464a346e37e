import type { Cloud } from '../cloud/index.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { segmentsOf } from '../protocol/manifest-segments.ts';
import { segmentName } from '../protocol/segment-ref.ts';

/**
 * Deletes what a checkpoint referred to that is kept no longer, and the next one that is kept does not refer to; what a
 * savepoint may need stays. Best effort, and only after the commit: whoever still reads the old one is fenced off, and what
 * is left behind by a failure is an orphan that a later sweep explains and removes.
 */
export async function retireCheckpoint(
  cloud: Cloud,
  before: { readonly manifest: Manifest; readonly uri: string },
  now: Manifest | undefined,
  pinnedUpTo: number,
): Promise<void> {
  const kept = new Set(now === undefined ? [] : segmentsOf(now).map(segmentName));
  const dropped = new Map(segmentsOf(before.manifest).map((ref) => [segmentName(ref), ref]));
  try {
    for (const [name, ref] of dropped) {
      if (kept.has(name) || ref.foreign === true || ref.checkpoint <= pinnedUpTo) continue;
      if (ref.at.kind === 'object') await cloud.objects.delete(ref.at.uri);
      else if (ref.at.kind === 'record') await cloud.records.delete({ partition: ref.at.partition, sort: ref.at.sort });
    }
    await cloud.objects.delete(before.uri);
  } catch {
    // The commit stands; the sweep finds what stayed.
  }
}
