import { relative, resolve } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';
import { messageOf, WeirError } from '../base/errors.ts';
import { notAJob } from '../stream/not-a-job.ts';

export function jobFileNotFound(jobFile: string, found: 'nothing' | 'directory'): WeirError {
  return new WeirError({
    code: 'JOB_FILE_NOT_FOUND',
    domain: 'user',
    message: found === 'nothing' ? `There is no job file "${jobFile}".` : `A job file was expected, but "${jobFile}" is a directory.`,
    advice: 'Give the path of the file whose default export is the job.',
  });
}

/** What the bundler could not do, as one line with the place in the user's file. Paths are shown relative to `shownFrom`. */
export function bundleFailed(failure: unknown, jobFile: string, workingDirectory: string, shownFrom: string): WeirError {
  const errors = (failure as Partial<BuildFailure>).errors;
  const first = errors?.[0];
  if (errors === undefined || first === undefined) {
    return new WeirError({
      code: 'BUNDLER_FAILED',
      domain: 'internal',
      message: `The bundler failed on job file "${jobFile}": ${messageOf(failure)}`,
      cause: failure,
    });
  }
  if (/No matching export .* for import "default"/.test(first.text)) return notAJob(`job file "${jobFile}"`, undefined);
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  return new WeirError({
    code: 'JOB_FILE_INVALID',
    domain: 'user',
    message: `Job file "${jobFile}" cannot be bundled: ${placeOf(first, workingDirectory, shownFrom)}${first.text}${more}`,
    advice: first.text.startsWith('Could not resolve') ? 'Install the package, or correct the path.' : 'Correct the file.',
    cause: failure,
  });
}

function placeOf({ location }: Message, workingDirectory: string, shownFrom: string): string {
  if (location === null) return '';
  const file = resolve(workingDirectory, location.file);
  const shown = relative(shownFrom, file);
  return `${shown.startsWith('..') ? file : shown}:${location.line}:${location.column + 1}: `;
}
