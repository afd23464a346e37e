import type { SegmentRef } from '../protocol/segment-ref.ts';
import type { CopyName } from './api.ts';

/** Of a checkpoint's segments, those that a copy has not: all for an empty copy, just the newer ones for one that is behind. */
export function missedSegments(parent: CopyName, segments: readonly SegmentRef[]): readonly SegmentRef[] {
  return segments.filter((ref) => ref.checkpoint > parent.checkpoint);
}
