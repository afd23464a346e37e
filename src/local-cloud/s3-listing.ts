import { compareUtf8 } from '../base/bytes.ts';
import type { S3Listing, S3ListOptions, S3Object } from './s3-modules.ts';

/** A page of a bucket's objects by ascending key, as S3 orders them; the emulator's own follows a locale and so skips keys. */
export function listInKeyOrder(objects: ReadonlyMap<string, S3Object>, options: S3ListOptions): S3Listing {
  const { prefix = '', delimiter, maxKeys = 1000 } = options;
  const after = options.startAfter ?? options.marker ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compareUtf8(key, after) > 0).sort(compareUtf8);
  const found: S3Object[] = [];
  const folders = new Set<string>();
  for (const key of keys) {
    const folder = delimiter === undefined ? undefined : folderOf(key, prefix, delimiter);
    if (folder !== undefined && (folders.has(folder) || compareUtf8(folder, after) <= 0)) continue;
    if (found.length + folders.size >= maxKeys) return { objects: found, commonPrefixes: [...folders], isTruncated: true };
    if (folder === undefined) found.push(objects.get(key)!);
    else folders.add(folder);
  }
  return { objects: found, commonPrefixes: [...folders], isTruncated: false };
}

function folderOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
