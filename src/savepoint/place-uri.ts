import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The one name of a directory that users spell in several ways, without a slash at its end: of a local one, slashes may be
 * doubled, characters percent-encoded or not, and dots lead up. In S3 all that makes another name, slashes at the end apart.
 * Nothing for what names neither.
 */
export function placeUri(given: string): string | undefined {
  if (/^s3:\/\/[^/]+/.test(given)) return withoutSlashes(given);
  if (!/^file:\/\/\/[^?#]*$/s.test(given)) return undefined;
  try {
    const path = fileURLToPath(given).replaceAll(/\/{2,}/g, '/');
    return path === '/' ? undefined : withoutSlashes(pathToFileURL(path).href);
  } catch {
    // Not percent-encoded as it should be.
    return undefined;
  }
}

const withoutSlashes = (text: string): string => text.replace(/\/+$/, '');
