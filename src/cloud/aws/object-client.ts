import { S3Client } from '@aws-sdk/client-s3';
import { objectClientSettings } from './clients.ts';

/** In a module of its own: whoever loads a package of CommonJS late, out of a bundle, gets nothing of it by name. */
export const objectClient = (): S3Client => new S3Client(objectClientSettings());
