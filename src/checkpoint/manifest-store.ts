import type { Cloud } from '../cloud/index.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { encodeManifest, verifiedManifest } from '../protocol/manifest-codec.ts';
import { objectUris } from '../protocol/names.ts';

type ManifestRef = NonNullable<CheckpointRef['manifest']>;

/** Writes and reads manifests; the last one is kept, since the next checkpoint builds on it. */
export class ManifestStore {
  readonly #cloud: Cloud;
  #last: { readonly checksum: string; readonly manifest: Manifest; readonly bytes: number } | undefined;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  async write(stateRoot: string, manifest: Manifest): Promise<ManifestRef & { readonly bytes: number }> {
    const { bytes, checksum } = encodeManifest(manifest);
    const uri = objectUris.manifest(stateRoot, manifest, checksum);
    await this.#cloud.objects.put(uri, bytes);
    this.#last = { checksum, manifest, bytes: bytes.byteLength };
    return { uri, checksum, bytes: bytes.byteLength };
  }

  /** Nothing for checkpoint 0. Throws MANIFEST_MISSING or MANIFEST_CORRUPT. */
  async read(of: CheckpointRef): Promise<Manifest | undefined> {
    if (of.manifest === undefined) return undefined;
    if (this.#last?.checksum === of.manifest.checksum) return this.#last.manifest;
    const found = await this.#cloud.objects.get(of.manifest.uri);
    const manifest = verifiedManifest(of.manifest, found);
    this.#last = { checksum: of.manifest.checksum, manifest, bytes: found?.byteLength ?? 0 };
    return manifest;
  }

  /** How long the document is; 0 for checkpoint 0. Throws as `read` does. */
  async bytesOf(of: CheckpointRef): Promise<number> {
    await this.read(of);
    return of.manifest === undefined ? 0 : (this.#last?.bytes ?? 0);
  }
}
