/**
 * Copies of snapshots that contain all they need. A segment's file is named after its content and the metadata comes last,
 * so a copy may be made in several goes, and by several at once: all write the same.
 */
import { checksumOf } from '../base/bytes.ts';
import type { Cloud } from '../cloud/index.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { encodeManifest } from '../protocol/manifest-codec.ts';
import { mapSegments, storedSegments } from '../protocol/manifest-segments.ts';
import { objectUris } from '../protocol/names.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';
import { readSegment } from '../state/index.ts';
import { allDone } from './delete-stored.ts';
import { newSnapshotRecord } from './new-snapshot-record.ts';
import type { OpenedSnapshot } from './open-snapshot.ts';
import { disposed, targetTaken } from './snapshot-errors.ts';
import { snapshotPath } from './snapshot-path.ts';
import { readSnapshot, recordSnapshot } from './snapshot-store.ts';

export interface CopyOptions {
  /** Stop when the clock has come so far and something was copied; the next call goes on. Default: copy all. */
  readonly until?: number;
}

export type CopyOutcome =
  | { readonly kind: 'copied'; readonly record: SnapshotRecord }
  /** There was not time enough for all segments. */
  | { readonly kind: 'unfinished'; readonly copied: number; readonly of: number };

/** Segments that are in memory at once: each may be large. */
const copiesAtOnce = 4;

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;

/**
 * Copies a snapshot into a directory of its own, with relative references, and makes it known. The directory may then be
 * moved or copied anywhere. Output that the snapshot's job has published is not listed any more. Throws
 * SAVEPOINT_DISPOSED if there was a snapshot of that path before, SAVEPOINT_TARGET_TAKEN if there is another, and
 * SEGMENT_MISSING or SEGMENT_CORRUPT if the snapshot is not whole.
 */
export async function copySnapshot(
  cloud: Stores,
  from: OpenedSnapshot,
  toDirectory: string,
  options: CopyOptions = {},
): Promise<CopyOutcome> {
  const path = snapshotPath(toDirectory);
  const manifest = withoutPublished(from);
  const { bytes, checksum } = encodeManifest(mapSegments(manifest, besideMetadata));
  const metadata = { uri: objectUris.metadata(path), checksum };
  const known = await readSnapshot(cloud, path);
  if (known !== undefined && known.state !== 'live') throw disposed(path, known.state);
  if (known !== undefined) {
    if (known.metadata.checksum !== checksum) throw targetTaken(path);
    return { kind: 'copied', record: known };
  }
  const standing = await cloud.objects.get(metadata.uri);
  if (standing !== undefined && checksumOf(standing) !== checksum) throw targetTaken(path);
  const segments = [...new Map([...storedSegments(manifest).values()].map((ref) => [ref.checksum, ref])).values()];
  let wrote = false;
  for (let copied = 0; copied < segments.length; copied += copiesAtOnce) {
    const late = options.until !== undefined && cloud.clock.now() >= options.until;
    if (late && wrote) return { kind: 'unfinished', copied, of: segments.length };
    const some = segments.slice(copied, copied + copiesAtOnce);
    const written = await allDone(some.map((ref) => copySegment(cloud, ref, path)));
    wrote ||= written.includes(true);
  }
  await cloud.objects.put(metadata.uri, bytes);
  const createdAt = cloud.clock.now();
  const drained = from.record?.drained === true;
  const record = newSnapshotRecord({
    path,
    kind: 'savepoint',
    format: 'canonical',
    manifest,
    metadata,
    metadataBytes: bytes.byteLength,
    createdAt,
    effectsDone: from.record?.effectsDone ?? false,
    drained,
  });
  await recordSnapshot(cloud, record);
  return { kind: 'copied', record };
}

const fileOf = (ref: Pick<SegmentRef, 'checksum'>): string => `segment-${ref.checksum}`;

/** Whose segments they were does not matter for copies. */
function besideMetadata({ foreign: _foreign, ...ref }: SegmentRef): SegmentRef {
  return ref.at.kind === 'inline' ? ref : { ...ref, at: { kind: 'relative', path: fileOf(ref) } };
}

/** What was published needs not be published again by whoever restores from the copy, who may not even reach it. */
function withoutPublished({ manifest, record }: OpenedSnapshot): Manifest {
  if (record?.effectsDone !== true) return manifest;
  const vertices = manifest.vertices.map((vertex) => ({
    ...vertex,
    subtasks: vertex.subtasks.map((subtask) => ({ ...subtask, committables: [] })),
  }));
  return { ...manifest, vertices };
}

/** Whether it was still to be copied. */
async function copySegment(cloud: Stores, ref: SegmentRef, path: string): Promise<boolean> {
  const uri = `${path}/${fileOf(ref)}`;
  if ((await cloud.objects.head(uri))?.bytes === ref.bytes) return false;
  await cloud.objects.put(uri, await readSegment(cloud, ref));
  return true;
}
