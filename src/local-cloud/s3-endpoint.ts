import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Endpoint } from './endpoint.ts';
import { listInKeyOrder } from './s3-listing.ts';
import {
  loadS3Modules,
  type S3ListOptions,
  type S3Modules,
  type S3Object,
  type S3Storage,
  type S3Store,
  type S3Stores,
} from './s3-modules.ts';

const objectBytesMax = 1024 * 1024 * 1024;

/** S3 (path style). With a folder, objects are files in it: what was answered survives the end of this process. */
export async function startS3(host: string, folder: string | undefined): Promise<Endpoint> {
  const modules = await loadS3Modules();
  const store = orderedStore(modules);
  if (folder !== undefined) {
    const storage = untornStorage(modules, folder);
    storage.loadS3(store);
    store.persistence = storage;
  }
  const app = modules.buildApp({ logger: false, stores: { s3Store: store } as S3Stores });
  // The emulator's own bound is for parts of uploads, 11 MiB.
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: objectBytesMax }, (_request, body, done) => done(null, body));
  const url = await app.listen({ host, port: 0 });
  return { url, stop: () => app.close() };
}

function orderedStore({ S3Store }: S3Modules): S3Store {
  return new (class extends S3Store {
    override listObjects(bucket: string, options: S3ListOptions = {}) {
      // Throws on a bucket that is not there, and is otherwise empty.
      super.listObjects(bucket, { maxKeys: 0, prefix: '\0' });
      const { buckets } = this as unknown as { readonly buckets: ReadonlyMap<string, ReadonlyMap<string, S3Object>> };
      return listInKeyOrder(buckets.get(bucket)!, options);
    }
  })();
}

/** Objects appear under their names when they are whole, so that a process that is killed leaves none torn. */
function untornStorage({ FileS3Persistence }: S3Modules, folder: string): S3Storage {
  rmSync(join(folder, 'staging'), { recursive: true, force: true });
  return new (class extends FileS3Persistence {
    override upsertObject(bucket: string, object: S3Object): void {
      super.upsertObject(join('..', 'staging'), object);
      for (const suffix of ['.data', '.meta.json']) {
        const path = join('objects', `${storagePath(object.key)}${suffix}`);
        const to = join(folder, 'buckets', bucket, path);
        mkdirSync(dirname(to), { recursive: true });
        renameSync(join(folder, 'staging', path), to);
      }
    }
  })(folder);
}

/** As the emulator names the files of a key. */
function storagePath(key: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return key.replace(/[<>:"|?*\\%\x00-\x1f]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
