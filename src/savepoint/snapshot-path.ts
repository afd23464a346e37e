import { WeirError } from '../base/errors.ts';
import { placeUri } from './place-uri.ts';

const metadataName = '_metadata';

/**
 * The directory that a snapshot goes by, as placeUri spells it, from what users write: the directory or its `_metadata`
 * file. Throws SNAPSHOT_PATH_INVALID for what is no `s3://` or `file://` uri.
 */
export function snapshotPath(given: string): string {
  const place = placeUri(given);
  const directory = place?.endsWith(`/${metadataName}`) ? placeUri(place.slice(0, -metadataName.length)) : place;
  // A bucket alone is none.
  if (directory !== undefined && /^[^/]*\/\/[^/]*\/./.test(directory)) return directory;
  throw new WeirError({
    code: 'SNAPSHOT_PATH_INVALID',
    domain: 'user',
    message: `The path of a savepoint or checkpoint should be a uri such as s3://bucket/savepoints/savepoint-0a1b2c-0123456789ab, but this is "${given}".`,
    advice: 'Give the path that was printed when it was taken.',
    subject: { path: given },
  });
}

/** Of the path of a retained checkpoint: `.../checkpoints/<jobId>/chk-<n>`. */
export function checkpointOfPath(path: string): { readonly jobId: string; readonly checkpoint: number } | undefined {
  const match = /\/([0-9a-f]{32})\/chk-(\d+)$/.exec(path);
  return match === null ? undefined : { jobId: match[1]!, checkpoint: Number(match[2]) };
}

/** The directory that an object lies in, without a slash at its end. */
export const directoryOf = (uri: string): string => uri.slice(0, uri.lastIndexOf('/'));
