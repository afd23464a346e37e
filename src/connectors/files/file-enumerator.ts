import { checksumOf, utf8 } from '../../base/bytes.ts';
import { WeirError } from '../../base/errors.ts';
import type { Enumeration, EnumeratorContext } from '../../stream/source.ts';
import type { Portable } from '../../values/portable.ts';
import type { FileLimits } from './file-limits.ts';
import type { FileSplit } from './file-split.ts';
import { listFiles } from './list-files.ts';
import { balance, type FormattedFile, planSplits, splitBytesFor } from './plan-splits.ts';

/** How far the splits are handed out; they are planned anew each time, and must come out the same. */
type EnumeratorState = {
  readonly given: number;
  readonly splitBytes: number;
  /** Of the list of files. */
  readonly listing: string;
  readonly done: boolean;
};

export interface FileEnumeratorParts {
  readonly inputs: readonly string[];
  readonly limits: FileLimits;
  formatOf(file: { readonly uri: string; readonly bytes: number }, context: EnumeratorContext): Promise<FormattedFile['format']>;
}

const looksAtOnce = 16;

/**
 * Finds all files and hands out their splits; mostly at once, thousands of them in several epochs, since an
 * enumeration is stored as one record.
 */
export async function enumerateFiles(
  parts: FileEnumeratorParts,
  state: Portable | undefined,
  context: EnumeratorContext,
): Promise<Enumeration<FileSplit>> {
  const before = state as EnumeratorState | undefined;
  if (before?.done === true) return { state: before, assignments: [], done: true };
  const files = await formattedFiles(parts, context);
  const listing = checksumOf(utf8(JSON.stringify(files)));
  if (before !== undefined && before.listing !== listing) throw changed(parts.inputs);
  const splitBytes = before?.splitBytes ?? splitBytesFor(files, context.parallelism, parts.limits);
  const splits = planSplits(files, splitBytes);
  const subtasks = balance(splits, context.parallelism);
  const assignments: { readonly subtask: number; readonly splitId: string; readonly split: FileSplit }[] = [];
  let given = before?.given ?? 0;
  for (let bytes = 0; given < splits.length && (assignments.length === 0 || bytes < parts.limits.enumerationBytesMax); given++) {
    const assignment = { subtask: subtasks[given]!, splitId: String(given).padStart(6, '0'), split: splits[given]! };
    bytes += JSON.stringify(assignment).length;
    assignments.push(assignment);
  }
  const done = given === splits.length;
  const after: EnumeratorState = { given, splitBytes, listing, done };
  return { state: after, assignments, done, ...(done ? {} : { nextDueAt: context.processingTime }) };
}

async function formattedFiles(parts: FileEnumeratorParts, context: EnumeratorContext): Promise<readonly FormattedFile[]> {
  const files = await listFiles(context.objects, parts.inputs, parts.limits.filesMax);
  const formatted: FormattedFile[] = [];
  for (let from = 0; from < files.length; from += looksAtOnce) {
    const some = files.slice(from, from + looksAtOnce);
    formatted.push(...(await Promise.all(some.map(async (file) => ({ ...file, format: await parts.formatOf(file, context) })))));
  }
  return formatted;
}

function changed(inputs: readonly string[]): WeirError {
  return new WeirError({
    code: 'INPUT_CHANGED',
    domain: 'external',
    message: `Input "${inputs.join('", "')}" changed while its splits were handed out: expected the same files of the same sizes, found others.`,
    advice: 'Input files must stay as they are until the job has ended; put them back, or start a new job.',
  });
}
