import { checksumOf } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { decodeManifest } from '../protocol/manifest-codec.ts';

/** The manifest a command names, checked against its checksum. Throws MANIFEST_MISSING or MANIFEST_CORRUPT. */
export async function readManifest(objects: ObjectStore, { uri, checksum }: NonNullable<CheckpointRef['manifest']>): Promise<Manifest> {
  const bytes = await objects.get(uri);
  if (bytes !== undefined && checksumOf(bytes) === checksum) return decodeManifest(bytes);
  throw new WeirError({
    code: bytes === undefined ? 'MANIFEST_MISSING' : 'MANIFEST_CORRUPT',
    domain: 'external',
    message: `The checkpoint metadata ${uri} ${bytes === undefined ? 'does not exist' : 'is not what was written: its checksum differs'}.`,
    advice: 'Was it deleted or overwritten by hand? Restore from another checkpoint or savepoint.',
  });
}
