import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { WeirError } from '../../base/errors.ts';
import type { ByteRange, ObjectInfo, ObjectStore } from '../object-store.ts';
import { nameOf, serviceError } from './service-error.ts';

interface Place {
  readonly bucket: string;
  /** As it is, without any encoding, as the AWS command line has it in such URIs. */
  readonly key: string;
}

/**
 * Objects in S3, by `s3://bucket/key`. Publishing copies the staged object and then deletes it, so a publication that
 * was cut off is finished by the next; objects above 5 GB can't be published.
 */
export function s3ObjectStore(client: S3Client): ObjectStore {
  const call = async <T>(operation: string, uri: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (thrown) {
      throw serviceError({ service: 'S3', operation, on: uri }, thrown);
    }
  };

  const head = (uri: string): Promise<ObjectInfo | undefined> =>
    call('HeadObject', uri, async () => {
      const { bucket, key } = placeOf(uri);
      try {
        const { ContentLength: bytes } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return { uri, bytes: bytes ?? 0 };
      } catch (thrown) {
        if (isMissingObject(thrown)) return undefined;
        throw thrown;
      }
    });

  const remove = (uri: string) =>
    call('DeleteObject', uri, async () => {
      const { bucket, key } = placeOf(uri);
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    });

  return {
    put: (uri, bytes) =>
      call('PutObject', uri, async () => {
        const { bucket, key } = placeOf(uri);
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentLength: bytes.byteLength }));
      }),

    async get(uri, range) {
      if (range?.length === 0) return (await head(uri)) && new Uint8Array(0);
      return call('GetObject', uri, () => getObject(client, placeOf(uri), range));
    },

    head,

    list: (uriPrefix, after) =>
      call('ListObjectsV2', uriPrefix, async () => {
        const { bucket, key: prefix } = placeOf(uriPrefix);
        const startAfter = after === undefined ? {} : { StartAfter: placeOf(after).key };
        const reply = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1000, ...startAfter }));
        const objects = (reply.Contents ?? []).map((object) => ({ uri: `s3://${bucket}/${object.Key}`, bytes: object.Size ?? 0 }));
        const next = reply.IsTruncated === true ? objects.at(-1)?.uri : undefined;
        // Not everything that speaks S3 keeps its order, so that of a page at least is made sure of.
        return { objects: objects.sort((a, b) => Buffer.compare(Buffer.from(a.uri), Buffer.from(b.uri))), next };
      }),

    async publish(stagedUri, finalUri) {
      const copied = await call('CopyObject', stagedUri, () => copyObject(client, placeOf(stagedUri), placeOf(finalUri)));
      if (!copied) return (await head(finalUri)) === undefined ? 'missing' : 'published';
      await remove(stagedUri);
      return 'published';
    },

    delete: remove,
  };
}

async function getObject(client: S3Client, { bucket, key }: Place, range: ByteRange | undefined): Promise<Uint8Array | undefined> {
  const rangeHeader = range === undefined ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
  try {
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...rangeHeader }));
    return body === undefined ? new Uint8Array(0) : await body.transformToByteArray();
  } catch (thrown) {
    if (isMissingObject(thrown)) return undefined;
    // The range begins at the object's end or behind it.
    if (nameOf(thrown) === 'InvalidRange') return new Uint8Array(0);
    throw thrown;
  }
}

/** False if there is no such object. */
async function copyObject(client: S3Client, from: Place, to: Place): Promise<boolean> {
  const source = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`;
  try {
    await client.send(new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource: source }));
    return true;
  } catch (thrown) {
    if (isMissingObject(thrown)) return false;
    throw thrown;
  }
}

/** A missing bucket is another matter, which HeadObject alone cannot tell. */
const isMissingObject = (thrown: unknown) => nameOf(thrown) === 'NoSuchKey' || nameOf(thrown) === 'NotFound';

function placeOf(uri: string): Place {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.*)$/s.exec(uri);
  if (match !== null) return { bucket: match[1]!, key: match[2]! };
  throw new WeirError({
    code: 'URI_INVALID',
    domain: 'user',
    message: `An object in S3 should be named "s3://<bucket>/<key>"; found ${JSON.stringify(uri)}.`,
    advice: 'Correct the URI.',
  });
}
