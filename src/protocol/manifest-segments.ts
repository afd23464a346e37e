import type { Manifest, ManifestVertex } from './manifest.ts';
import { type SegmentRef, segmentName } from './segment-ref.ts';

/** All references to segments in a manifest, in its order; a segment that several subtasks share is there several times. */
export const segmentsOf = (manifest: Pick<Manifest, 'vertices'>): readonly SegmentRef[] =>
  manifest.vertices.flatMap((vertex) => [
    ...vertex.subtasks.flatMap((subtask) => subtask.segments),
    ...(vertex.operatorStates ?? []).flatMap(({ from }) => from.filter((ref) => ref !== null)),
  ]);

/** The manifest with every reference to a segment replaced. */
export function mapSegments<M extends Pick<Manifest, 'vertices'>>(manifest: M, change: (ref: SegmentRef) => SegmentRef): M {
  const vertices = manifest.vertices.map(
    (vertex): ManifestVertex => ({
      ...vertex,
      subtasks: vertex.subtasks.map((subtask) => ({ ...subtask, segments: subtask.segments.map(change) })),
      ...(vertex.operatorStates === undefined
        ? {}
        : {
            operatorStates: vertex.operatorStates.map((state) => ({
              ...state,
              from: state.from.map((ref) => (ref === null ? null : change(ref))),
            })),
          }),
    }),
  );
  return { ...manifest, vertices };
}

/** Each stored segment of a manifest once, by its name; those inside the document are left out. */
export function storedSegments(manifest: Pick<Manifest, 'vertices'>): ReadonlyMap<string, SegmentRef> {
  return new Map(
    segmentsOf(manifest)
      .filter((ref) => ref.at.kind !== 'inline')
      .map((ref) => [segmentName(ref), ref]),
  );
}

/** Whether the document needs nothing but itself and what lies in its directory: it may be moved, and pins nothing. */
export const isSelfContained = (manifest: Pick<Manifest, 'vertices'>): boolean =>
  segmentsOf(manifest).every(({ at }) => at.kind === 'inline' || at.kind === 'relative');

/** Whether it refers to segments of what the job was restored from, which are not its own. */
export const isForeign = (manifest: Manifest): boolean => segmentsOf(manifest).some((ref) => ref.foreign === true);
