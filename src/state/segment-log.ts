import { advanceSegments, type NewSegment, type SegmentRef } from '../protocol/segment-ref.ts';
import type { EncodedSegment } from './api.ts';

/** What compaction goes by: the segments that make up a copy at rest, oldest first, and what compaction has saved up. */
export interface SegmentLog {
  readonly live: readonly SegmentRef[];
  readonly credit: number;
}

export const emptyLog: SegmentLog = { live: [], credit: 0 };

/** The log after one more segment, as the manifest will have it. */
export function advanceLog(log: SegmentLog, added: NewSegment, credit: number): SegmentLog {
  return { live: advanceSegments(log.live, added), credit };
}

/** A segment just encoded is not stored yet: what it covers is known, where it will be is not, and nobody asks. */
export function unstored(segment: EncodedSegment, checkpoint: number): NewSegment {
  const { keyGroups, base, operatorState } = segment;
  return { at: { kind: 'object', uri: '' }, checkpoint, bytes: segment.bytes.byteLength, checksum: '', keyGroups, base, operatorState };
}
