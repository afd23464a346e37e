import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';

/**
 * The segments of a manifest that are not there, or not as long as they should be. Segments in records are read, those in
 * objects only looked for: what they hold is checked by whoever loads them. References must be resolved.
 */
export async function missingSegments(
  cloud: Pick<Cloud, 'records' | 'objects'>,
  manifest: Pick<Manifest, 'vertices'>,
): Promise<readonly SegmentRef[]> {
  const refs = [...storedSegments(manifest).values()];
  const missing: SegmentRef[] = [];
  for (let from = 0; from < refs.length; from += limits.storeCallsAtOnceMax) {
    const some = refs.slice(from, from + limits.storeCallsAtOnceMax);
    const inRecords = some.flatMap((ref) => (ref.at.kind === 'record' ? [{ ref, key: ref.at }] : []));
    const inObjects = some.flatMap((ref) => (ref.at.kind === 'object' ? [{ ref, uri: ref.at.uri }] : []));
    const [records, objects] = await Promise.all([
      inRecords.length === 0 ? [] : cloud.records.getMany(inRecords.map(({ key: { partition, sort } }) => ({ partition, sort }))),
      Promise.all(inObjects.map(({ uri }) => cloud.objects.head(uri))),
    ]);
    inRecords.forEach(({ ref }, index) => {
      const bytes = records[index]?.fields['bytes'];
      if (!(bytes instanceof Uint8Array) || bytes.byteLength !== ref.bytes) missing.push(ref);
    });
    inObjects.forEach(({ ref }, index) => {
      if (objects[index]?.bytes !== ref.bytes) missing.push(ref);
    });
  }
  return missing;
}
