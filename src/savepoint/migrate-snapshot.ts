import { checksumOf } from '../base/bytes.ts';
import type { Cloud } from '../cloud/index.ts';
import { manifestVersion } from '../protocol/manifest.ts';
import { decodeManifest, encodeManifest } from '../protocol/manifest-codec.ts';
import type { MetadataRef } from '../protocol/request.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { openSnapshot } from './open-snapshot.ts';
import { disposed, notFound } from './snapshot-errors.ts';
import { snapshotPath } from './snapshot-path.ts';
import { updateSnapshot } from './snapshot-store.ts';

export interface Migration {
  /** Where the metadata of the current version is. */
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** False: it was of the current version already. */
  readonly changed: boolean;
}

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;

/**
 * Rewrites the metadata of a snapshot in the current version: in its place, or with its state as a canonical copy in
 * another directory, which leaves the original as it is. Restores read all versions, so this is never needed for one.
 * In place the record first says what is coming, so a crash on the way leaves a snapshot that opens, and the same call
 * finishes it. Throws as openSnapshot and copySnapshot do.
 */
export async function migrateSnapshot(cloud: Stores, given: string, target?: string): Promise<Migration> {
  const snapshot = await openSnapshot(cloud, given);
  const migration = { from: snapshot.version, to: manifestVersion };
  if (target !== undefined && snapshotPath(target) !== snapshot.path) {
    const copied = await copySnapshot(cloud, snapshot, target);
    return { ...migration, path: copied.kind === 'copied' ? copied.record.path : snapshotPath(target), changed: true };
  }
  const { path, metadata, record } = snapshot;
  const before = await cloud.objects.get(metadata.uri);
  if (before === undefined) throw notFound(path, 'its metadata is gone');
  const { bytes, checksum } = encodeManifest(decodeManifest(before));
  const changed = checksumOf(before) !== checksum;
  if (record === undefined) {
    if (changed) await cloud.objects.put(metadata.uri, bytes);
    return { ...migration, path, changed };
  }
  if (snapshot.version === manifestVersion && record.metadata.migratingTo === undefined) return { ...migration, path, changed: false };
  const announced = await say(cloud, path, ({ uri, checksum: now }) => ({ uri, checksum: now, migratingTo: checksum }));
  if (announced !== 'live') throw disposed(path, announced);
  await cloud.objects.put(metadata.uri, bytes);
  const settled = await say(cloud, path, ({ uri }) => ({ uri, checksum }));
  if (settled === 'live') return { ...migration, path, changed: true };
  await cloud.objects.delete(metadata.uri);
  throw disposed(path, settled);
}

/** What the record says from now on of the document, as long as the snapshot is live. */
async function say(cloud: Stores, path: string, next: (now: MetadataRef) => MetadataRef): Promise<'live' | 'deleting' | 'deleted'> {
  return updateSnapshot(cloud, path, (record) => {
    if (record === undefined || record.state !== 'live') return { answer: record?.state ?? 'deleted' };
    return { answer: record.state, put: { ...record, metadata: next(record.metadata) } };
  });
}
