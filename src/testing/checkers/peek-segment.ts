import type { SegmentPlace } from '../../protocol/segment-ref.ts';
import type { SimulatedObjects } from '../simulated-object-store.ts';
import type { SimulatedRecords } from '../simulated-record-store.ts';

/** The bytes of a segment as they stand, without a call. */
export function peekSegment(
  at: SegmentPlace,
  { records, objects }: { readonly records: SimulatedRecords; readonly objects: SimulatedObjects },
): Uint8Array | undefined {
  if (at.kind === 'object') return objects.peek(at.uri);
  if (at.kind === 'inline') return Buffer.from(at.bytes, 'base64');
  const bytes = at.kind === 'record' ? records.peek(at)?.fields['bytes'] : undefined;
  return bytes instanceof Uint8Array ? bytes : undefined;
}
