import type { FileLimits } from './file-limits.ts';
import { type FileFormat, type FileSplit, isCutAnywhere } from './file-split.ts';

export interface FormattedFile {
  readonly uri: string;
  readonly bytes: number;
  readonly format: FileFormat;
}

/**
 * How long splits should be: a share for each subtask, but neither so short that opening them costs more than reading,
 * nor so long that the subtasks end far apart.
 */
export function splitBytesFor(files: readonly FormattedFile[], parallelism: number, limits: FileLimits): number {
  const cut = files.filter((file) => isCutAnywhere(file.format)).reduce((sum, file) => sum + file.bytes, 0);
  const share = Math.max(limits.splitBytesMin, Math.min(limits.splitBytesMax, Math.ceil(cut / parallelism)));
  return Math.max(share, Math.ceil(cut / limits.splitsMax));
}

/** Splits that cover every byte of the files once, in the order of the files. Those of one file are about equally long. */
export function planSplits(files: readonly FormattedFile[], splitBytes: number): readonly FileSplit[] {
  return files.flatMap(({ uri, bytes, format }) => {
    const count = isCutAnywhere(format) ? Math.ceil(bytes / splitBytes) : 1;
    const borderAt = (index: number) => Math.floor((bytes * index) / count);
    return Array.from({ length: count }, (_, index) => ({
      uri,
      format,
      start: borderAt(index),
      end: borderAt(index + 1),
      fileBytes: bytes,
    }));
  });
}

/** For each split its subtask: the longest first, each to who has least so far. The same splits always go the same way. */
export function balance(splits: readonly FileSplit[], parallelism: number): readonly number[] {
  const bytesOf = (index: number) => splits[index]!.end - splits[index]!.start;
  const longestFirst = splits.map((_, index) => index).sort((a, b) => bytesOf(b) - bytesOf(a) || a - b);
  const loads = new Array<number>(parallelism).fill(0);
  const subtasks = new Array<number>(splits.length).fill(0);
  for (const index of longestFirst) {
    const subtask = loads.indexOf(Math.min(...loads));
    loads[subtask]! += bytesOf(index);
    subtasks[index] = subtask;
  }
  return subtasks;
}
