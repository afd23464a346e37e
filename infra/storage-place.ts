import type { Stack } from 'aws-cdk-lib';
import { WeirError } from '../src/base/errors.ts';

/** A place below which objects lie: a bucket, and what keys there begin with. */
export interface StoragePlace {
  readonly bucketName: string;
  /** Without a slash at its beginning or end; empty: the whole bucket. */
  readonly prefix: string;
}

/** Of `s3://bucket/prefix`, whose parts may be tokens. Throws SAVEPOINT_DIRECTORY_INVALID. */
export function placeOf(uri: string): StoragePlace {
  const match = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(uri);
  if (match?.[1] !== undefined) return { bucketName: match[1], prefix: match[2] ?? '' };
  throw new WeirError({
    code: 'SAVEPOINT_DIRECTORY_INVALID',
    domain: 'user',
    message: `A place for savepoints should be given as s3://bucket/prefix, but is "${uri}".`,
    advice: "bucket.s3UrlForObject('savepoints') gives it for a bucket of the app.",
  });
}

export const uriOf = ({ bucketName, prefix }: StoragePlace): string => `s3://${bucketName}${prefix === '' ? '' : `/${prefix}`}`;

export const bucketArnOf = (stack: Stack, { bucketName }: StoragePlace): string => `arn:${stack.partition}:s3:::${bucketName}`;

export const objectsArnOf = (stack: Stack, place: StoragePlace): string =>
  `${bucketArnOf(stack, place)}/${place.prefix === '' ? '' : `${place.prefix}/`}*`;
