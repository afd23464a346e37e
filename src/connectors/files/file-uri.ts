import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf, WeirError } from '../../base/errors.ts';

/**
 * The URI of what a user named: `s3://bucket/key`, `file:///path`, or a local path. A relative path is taken from the
 * current directory, which slots need not share with whoever submits the job: the command line resolves paths before.
 */
export function uriOf(named: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(named)?.[1]?.toLowerCase();
  if (named === '') throw unusable(named, 'found nothing');
  if (scheme === undefined) return keepSlash(named, pathToFileURL(resolve(named)).href);
  if (scheme === 's3') {
    if (!/^s3:\/\/[^/]+/.test(named)) throw unusable(named, 'found no bucket');
    return named;
  }
  if (scheme !== 'file') throw unusable(named, `found "${scheme}://"`);
  try {
    return keepSlash(named, pathToFileURL(fileURLToPath(named)).href);
  } catch (cause) {
    throw unusable(named, messageOf(cause), cause);
  }
}

/** With one slash at the end, as of a directory. */
export const directoryOf = (uri: string): string => (uri.endsWith('/') ? uri : `${uri}/`);

const keepSlash = (named: string, uri: string): string => (named.endsWith('/') ? directoryOf(uri) : uri);

function unusable(named: string, found: string, cause?: unknown): WeirError {
  return new WeirError({
    code: 'UNUSABLE_URI',
    domain: 'user',
    message: `Input and output of files should be a local path, file:///<path> or s3://<bucket>/<key>, but for "${named}" ${found}.`,
    advice: 'Name a local path or an s3:// URI.',
    cause,
  });
}
