import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { placeUri } from '../savepoint/place-uri.ts';
import { locationUri } from './location-uri.ts';

export interface DirectoryOptions {
  /** What the request names. */
  readonly requested?: string | undefined;
  /** What the job's own configuration names: `savepoints.directory` of its definition. */
  readonly ofJob?: string | undefined;
  /** What the deployment's configuration names: `state.savepoints.dir`. */
  readonly ofDeployment?: string | undefined;
  /** The functions see the same disk as whoever asks: an absolute path of it is a directory too. */
  readonly local: boolean;
}

/**
 * Where a savepoint goes: a URI as placeUri spells it. The request's directory goes before the job's, that before
 * the deployment's. Throws SAVEPOINT_DIRECTORY_MISSING if there is none, SAVEPOINT_DIRECTORY_INVALID if it is no directory.
 */
export function savepointDirectory({ requested, ofJob, ofDeployment, local }: DirectoryOptions): string {
  const given = [requested, ofJob, ofDeployment].find((each) => each !== undefined && each.trim() !== '');
  if (given === undefined) {
    throw new WeirError({
      code: 'SAVEPOINT_DIRECTORY_MISSING',
      domain: 'user',
      message:
        'No directory for the savepoint: the request names none ("target-directory" or "targetDirectory"), nor does the job (savepoints.directory), nor the configuration (state.savepoints.dir).',
      advice: 'Name one with the command (weir savepoint <jobId> <targetDirectory>), or set the configuration key state.savepoints.dir.',
    });
  }
  const uri = placeUri(locationUri(given, { local }));
  if (uri === undefined) throw invalid(given, local, '');
  if (Buffer.byteLength(uri) <= limits.savepointDirectoryBytesMax) return uri;
  throw invalid(
    `${given.slice(0, 40)}...`,
    local,
    ` of ${Buffer.byteLength(uri)} bytes, and at most ${limits.savepointDirectoryBytesMax} are possible`,
  );
}

function invalid(given: string, local: boolean, more: string): WeirError {
  return new WeirError({
    code: 'SAVEPOINT_DIRECTORY_INVALID',
    domain: 'user',
    message: `The directory of a savepoint should be ${local ? 'an absolute path, or ' : ''}a URI that begins with "s3://<bucket>" or "file:///"; found ${JSON.stringify(given)}${more}.`,
    advice: 'Name a directory of that kind, e.g. s3://bucket/savepoints.',
  });
}
