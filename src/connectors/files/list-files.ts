import { WeirError } from '../../base/errors.ts';
import type { ObjectInfo, ObjectStore } from '../../cloud/index.ts';
import { directoryOf, uriOf } from './file-uri.ts';

/**
 * The files that inputs name, each once, in the order of the inputs and by URI within a directory. Of a directory all
 * files below it count, except where a name begins with a dot or an underscore: staged, temporary and marker files do.
 * Files without a byte are left out, unless all are: then, and where there is no file, a WeirError of domain `user`.
 */
export async function listFiles(objects: ObjectStore, inputs: readonly string[], filesMax: number): Promise<readonly ObjectInfo[]> {
  const found = new Map<string, ObjectInfo>();
  for (const input of inputs) {
    for (const file of await filesOf(objects, input, filesMax)) found.set(file.uri, file);
    if (found.size > filesMax) throw tooMany(input, filesMax);
  }
  const files = [...found.values()].filter((file) => file.bytes > 0);
  if (files.length > 0) return files;
  throw new WeirError({
    code: 'INPUT_EMPTY',
    domain: 'user',
    message: `Input "${inputs.join('", "')}" is empty: expected a file with content, found ${found.size === 1 ? 'a file' : `${found.size} files`} of 0 bytes.`,
    advice: 'Check that whatever wrote it has finished.',
  });
}

async function filesOf(objects: ObjectStore, input: string, filesMax: number): Promise<readonly ObjectInfo[]> {
  const uri = uriOf(input);
  const file = isNamedAsDirectory(uri) ? undefined : await objects.head(uri);
  if (file !== undefined) return [file];
  const directory = directoryOf(uri);
  const files: ObjectInfo[] = [];
  let after: string | undefined;
  do {
    const page = await objects.list(directory, after);
    files.push(...page.objects.filter((object) => isListed(object.uri.slice(directory.length))));
    if (files.length > filesMax) throw tooMany(input, filesMax);
    after = page.next;
  } while (after !== undefined);
  if (files.length > 0) return files;
  throw new WeirError({
    code: 'INPUT_NOT_FOUND',
    domain: 'user',
    message: `Input "${input}" was not found: expected a file, or a directory with files, found neither at ${uri}.`,
    advice: 'Check the path; names that begin with a dot or an underscore are passed over.',
  });
}

/** A bucket alone is one too. */
const isNamedAsDirectory = (uri: string) => uri.endsWith('/') || /^s3:\/\/[^/]+$/.test(uri);

/** A name that ends with a slash is what S3 consoles make of a directory. */
const isListed = (pathBelow: string) =>
  !pathBelow.endsWith('/') && !pathBelow.split('/').some((name) => name.startsWith('.') || name.startsWith('_'));

function tooMany(input: string, filesMax: number): WeirError {
  return new WeirError({
    code: 'TOO_MANY_FILES',
    domain: 'user',
    message: `Input "${input}" has too many files: expected at most ${filesMax}, found more.`,
    advice: 'Name a part of the files, or join small files to larger ones.',
  });
}
