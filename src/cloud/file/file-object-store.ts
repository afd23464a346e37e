import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf, WeirError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { ByteRange, ListPage, ObjectInfo, ObjectStore } from '../object-store.ts';

const pageObjects = 1000;

/**
 * Objects as files of the local disk, by `file:///absolute/path`, percent-encoded. A put writes a file of another name
 * beside it and renames it; such files (`.<name>.<16 hex>.part`) are in no listing, and a crash may leave one behind.
 */
export function fileObjectStore({ random }: { readonly random: Random }): ObjectStore {
  const partPath = (path: string) => join(dirname(path), `.${basename(path)}.${random.hex(8)}.part`);
  return {
    put: (uri, bytes) => about(uri, () => putFile(pathOf(uri), partPath(pathOf(uri)), bytes)),
    get: (uri, range) => about(uri, () => getFile(pathOf(uri), range)),
    head: (uri) => about(uri, () => headFile(uri)),
    list: (uriPrefix, after) => about(uriPrefix, () => listFiles(uriPrefix, after)),
    publish: (stagedUri, finalUri) => about(finalUri, () => publishFile(pathOf(stagedUri), pathOf(finalUri), partPath(pathOf(finalUri)))),
    delete: (uri) => about(uri, async () => void (await ifThere(unlink(pathOf(uri))))),
  };
}

async function putFile(path: string, part: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(part, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}

async function getFile(path: string, range: ByteRange | undefined): Promise<Uint8Array | undefined> {
  if (range === undefined) {
    const whole = await ifThere(readFile(path));
    return whole === undefined ? undefined : new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
  }
  const file = await ifThere(open(path, 'r'));
  if (file === undefined) return undefined;
  try {
    const info = await file.stat();
    if (!info.isFile()) return undefined;
    const bytes = new Uint8Array(Math.max(0, Math.min(range.length, info.size - range.offset)));
    let filled = 0;
    while (filled < bytes.byteLength) {
      const { bytesRead } = await file.read(bytes, filled, bytes.byteLength - filled, range.offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

async function headFile(uri: string): Promise<ObjectInfo | undefined> {
  const info = await ifThere(stat(pathOf(uri)));
  return info?.isFile() === true ? { uri, bytes: info.size } : undefined;
}

async function listFiles(uriPrefix: string, after: string | undefined): Promise<ListPage> {
  const prefix = pathOf(uriPrefix);
  const paths: string[] = [];
  await collectFiles(prefix.endsWith('/') ? prefix : dirname(prefix), prefix, paths);
  const uris = paths.map((path) => pathToFileURL(path).href).filter((uri) => after === undefined || uri > after);
  const page = uris.sort(byCodeUnit).slice(0, pageObjects);
  const objects = (await Promise.all(page.map(headFile))).filter((info) => info !== undefined);
  return { objects, next: uris.length > page.length ? page.at(-1) : undefined };
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Links to files count as files; links to directories are not followed, since they may lead in circles. */
async function collectFiles(directory: string, prefix: string, into: string[]): Promise<void> {
  for (const entry of (await ifThere(readdir(directory, { withFileTypes: true }))) ?? []) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (path.startsWith(prefix) || prefix.startsWith(`${path}/`)) await collectFiles(path, prefix, into);
    } else if ((entry.isFile() || entry.isSymbolicLink()) && path.startsWith(prefix) && !isPart(entry.name)) into.push(path);
  }
}

const isPart = (name: string) => /^\..*\.[0-9a-f]{16}\.part$/s.test(name);

async function publishFile(staged: string, final: string, part: string): Promise<'published' | 'missing'> {
  await mkdir(dirname(final), { recursive: true });
  try {
    await rename(staged, final);
    return 'published';
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return (await ifThere(stat(final))) === undefined ? 'missing' : 'published';
    if (codeOf(thrown) !== 'EXDEV') throw thrown;
  }
  // Another file system: rename can't reach it, but a copy can be renamed there.
  await copyFile(staged, part);
  await rename(part, final);
  await rm(staged, { force: true });
  return 'published';
}

const codeOf = (thrown: unknown): string => String((thrown as { readonly code?: unknown } | undefined)?.code ?? '');

/** A directory is no object, and nor is what would be below a file. */
async function ifThere<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(thrown))) return undefined;
    throw thrown;
  }
}

function pathOf(uri: string): string {
  let found = JSON.stringify(uri);
  try {
    if (/^file:\/\/\/[^?#]*$/s.test(uri)) return fileURLToPath(uri);
  } catch (thrown) {
    found += ` (${messageOf(thrown)})`;
  }
  throw new WeirError({
    code: 'URI_INVALID',
    domain: 'user',
    message: `A local file should be named "file:///<absolute path>", percent-encoded; found ${found}.`,
    advice: 'Correct the URI.',
  });
}

async function about<T>(uri: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    throw WeirError.is(thrown) ? thrown : fileError(uri, thrown);
  }
}

function fileError(uri: string, thrown: unknown): WeirError {
  const said = messageOf(thrown);
  const init = { message: `Local storage failed on "${uri}": ${said}.`, subject: { uri }, cause: thrown };
  switch (codeOf(thrown)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new WeirError({
        ...init,
        code: 'FILE_ACCESS_DENIED',
        domain: 'user',
        advice: 'Give this process the right to read and write there, or choose another place.',
      });
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
      return new WeirError({
        ...init,
        code: 'FILE_IN_THE_WAY',
        domain: 'user',
        advice: 'A file stands where a directory is needed, or the reverse: choose another place.',
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new WeirError({ ...init, code: 'DISK_FULL', domain: 'resources', advice: 'Make room on the disk.' });
    default:
      return new WeirError({ ...init, code: 'FILE_FAILED', domain: 'external', advice: 'Look at the disk.' });
  }
}
