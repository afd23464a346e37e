import { assert } from '../base/assert.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { MetadataRef } from '../protocol/request.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';
import { newSnapshotRecord } from '../savepoint/new-snapshot-record.ts';
import { recordSnapshot } from '../savepoint/snapshot-store.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';

export interface SnapshotOfCheckpoint {
  readonly path: string;
  readonly kind: SnapshotRecord['kind'];
  /** The completed checkpoint that it is, or was taken at. */
  readonly ref: CheckpointRef;
  readonly metadata: MetadataRef;
  readonly drained?: boolean;
}

/** Writes down that a snapshot is live, once what its checkpoint made inevitable is done. One that was deleted stays so. */
export async function makeSnapshotKnown({ cloud, manifests }: CoordinatorParts, of: SnapshotOfCheckpoint): Promise<void> {
  const manifest = await manifests.read(of.ref);
  assert(manifest !== undefined, 'a snapshot is of a checkpoint that was completed');
  const metadataBytes = await manifests.bytesOf(of.ref);
  const record = newSnapshotRecord({ ...of, manifest, metadataBytes, format: 'native', createdAt: cloud.clock.now(), effectsDone: true });
  await recordSnapshot(cloud, record);
}
