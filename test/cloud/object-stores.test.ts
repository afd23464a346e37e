// Objects in S3 (an emulator) and on the local disk: the contract, then what only these adapters can get wrong.
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createBucket } from '../../src/cloud/aws/create-bucket.ts';
import { s3ObjectStore } from '../../src/cloud/aws/s3-object-store.ts';
import { fileObjectStore } from '../../src/cloud/file/file-object-store.ts';
import { schemedObjectStore } from '../../src/cloud/object-stores.ts';
import { startS3 } from './emulators.ts';
import { losingReplies } from './lost-reply.ts';
import { objectStoreContract } from './object-store-contract.ts';

const fileStore = () => fileObjectStore({ random: seededRandom('files') });
const inNewDirectory = async () => {
  const path = await mkdtemp(join(tmpdir(), 'weir-objects-'));
  return { path, root: pathToFileURL(path).href, close: () => rm(path, { recursive: true }) };
};

/** S3 by its wire protocol. */
async function inS3(emulator: Awaited<ReturnType<typeof startS3>>) {
  const client = emulator.client();
  await createBucket({ client, bucket: 'a-bucket' });
  return { store: s3ObjectStore(client), root: 's3://a-bucket/some', close: emulator.close, loseNextReply: losingReplies(client).arm };
}

objectStoreContract('S3 in fauxqs', async () => await inS3(await startS3()), {
  'keeps large objects whole': 'it takes 11 MiB at most, which the embedded cloud mends',
});

objectStoreContract('S3 in the embedded cloud, on disk', async () => {
  const { path, close } = await inNewDirectory();
  return await inS3(await startS3({ folder: path, whenClosed: close }));
});

objectStoreContract('the local disk', async () => {
  const { root, close } = await inNewDirectory();
  return { store: fileStore(), root, close };
});

objectStoreContract('a store by scheme', async () => {
  const { root, close } = await inNewDirectory();
  return { store: schemedObjectStore({ s3: fileStore, file: fileStore }), root, close };
});

describe('the S3 object store', () => {
  let emulator: Awaited<ReturnType<typeof startS3>>;
  beforeAll(async () => {
    emulator = await startS3();
    await createBucket({ client: emulator.client(), bucket: 'a-bucket' });
  });
  afterAll(() => emulator.close());

  it('finds its bucket again', async () => {
    await createBucket({ client: emulator.client(), bucket: 'a-bucket' });
  });

  it('takes keys as they are, and publishes them whatever characters they hold', async () => {
    const store = s3ObjectStore(emulator.client());
    for (const name of ['with space', 'ü&=+%20', "a'(b)*!", 'q?x#y']) {
      await store.put(`s3://a-bucket/in/${name}`, utf8(name));
      expect(await store.publish(`s3://a-bucket/in/${name}`, `s3://a-bucket/out/${name}`)).toBe('published');
      expect(await store.get(`s3://a-bucket/out/${name}`)).toEqual(utf8(name));
    }
    expect((await store.list('s3://a-bucket/out/')).objects).toHaveLength(4);
  });

  it('names a missing bucket', async () => {
    const store = s3ObjectStore(emulator.client());
    await expect(store.put('s3://no-such-bucket/key', utf8('x'))).rejects.toMatchObject({ code: 'CLOUD_RESOURCE_MISSING', domain: 'user' });
    await expect(store.list('s3://no-such-bucket/key')).rejects.toMatchObject({ code: 'CLOUD_RESOURCE_MISSING', domain: 'user' });
  });
});

describe('the file object store', () => {
  let directory: Awaited<ReturnType<typeof inNewDirectory>>;
  beforeAll(async () => {
    directory = await inNewDirectory();
  });
  afterAll(() => directory.close());

  it('encodes names in URIs as percent-encoding has it', async () => {
    const store = fileStore();
    const path = join(directory.path, 'encoded', 'with space, ü, 100%, #1.txt');
    const uri = pathToFileURL(path).href;
    await store.put(uri, utf8('x'));
    expect(await readdir(join(directory.path, 'encoded'))).toEqual(['with space, ü, 100%, #1.txt']);
    expect((await store.list(`${directory.root}/encoded/with%20`)).objects).toEqual([{ uri, bytes: 1 }]);
    expect(await store.get(uri)).toEqual(utf8('x'));
  });

  it.each(['file:///a%2', 'file:///a%2Fb', 'file:///a?b', 'file:///a#b'])('refuses %s', async (uri) => {
    await expect(fileStore().get(uri)).rejects.toMatchObject({ code: 'URI_INVALID', domain: 'user' });
  });

  it('leaves no other file behind, and lists none of those it is writing', async () => {
    const path = join(directory.path, 'clean');
    await fileStore().put(`${directory.root}/clean/object`, utf8('x'));
    expect(await readdir(path)).toEqual(['object']);
    await writeFile(join(path, '.object.0123456789abcdef.part'), 'torn');
    await writeFile(join(path, '.hidden'), 'kept');
    expect((await fileStore().list(`${directory.root}/clean/`)).objects.map((each) => each.uri)).toEqual([
      `${directory.root}/clean/.hidden`,
      `${directory.root}/clean/object`,
    ]);
  });

  it('takes a directory for no object', async () => {
    await mkdir(join(directory.path, 'directory'));
    const uri = `${directory.root}/directory`;
    expect(await fileStore().get(uri)).toBeUndefined();
    expect(await fileStore().get(uri, { offset: 0, length: 3 })).toBeUndefined();
    expect(await fileStore().head(uri)).toBeUndefined();
    await fileStore().delete(uri);
    expect(await fileStore().get(`${directory.root}/clean/object/below`)).toBeUndefined();
  });

  it('follows links to files but not to directories', async () => {
    const path = join(directory.path, 'links');
    await mkdir(path);
    await writeFile(join(path, 'real'), 'text');
    await symlink(join(path, 'real'), join(path, 'linked'));
    await symlink(path, join(path, 'circle'));
    expect((await fileStore().list(`${directory.root}/links/`)).objects).toEqual([
      { uri: `${directory.root}/links/linked`, bytes: 4 },
      { uri: `${directory.root}/links/real`, bytes: 4 },
    ]);
  });

  it('says what is in the way', async () => {
    await writeFile(join(directory.path, 'file'), 'x');
    await expect(fileStore().put(`${directory.root}/file/below`, utf8('x'))).rejects.toMatchObject({
      code: 'FILE_IN_THE_WAY',
      domain: 'user',
    });
  });
});

describe('a store by scheme', () => {
  it('makes each store once, at the first URI of its scheme', async () => {
    const made: string[] = [];
    const directory = await inNewDirectory();
    const store = schemedObjectStore({
      s3: () => {
        made.push('s3');
        return fileStore();
      },
      file: () => {
        made.push('file');
        return fileStore();
      },
    });
    expect(made).toEqual([]);
    await store.put(`${directory.root}/a`, utf8('a'));
    await store.get(`${directory.root}/a`);
    expect(made).toEqual(['file']);
    await expect(store.publish(`${directory.root}/a`, 's3://a-bucket/b')).rejects.toMatchObject({ code: 'URI_INVALID' });
    await directory.close();
  });
});
