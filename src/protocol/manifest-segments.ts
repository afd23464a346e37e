import type { Manifest } from './manifest.ts';
import type { SegmentRef } from './segment-ref.ts';

/** Every reference to a segment in a manifest; a segment may be referred to more than once. */
export function segmentsOf(manifest: Manifest): readonly SegmentRef[] {
  return manifest.vertices.flatMap((vertex) => [
    ...vertex.subtasks.flatMap((subtask) => subtask.segments),
    ...(vertex.operatorStates ?? []).flatMap(({ from }) => from.filter((ref) => ref !== null)),
  ]);
}

/** Whether it refers to segments of what the job was restored from, which are not its own. */
export const isForeign = (manifest: Manifest): boolean => segmentsOf(manifest).some((ref) => ref.foreign === true);
