import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { WeirError } from '../base/errors.ts';

/** Throws DATA_DIR_UNUSABLE if no data can be kept there: said before anything else is done. Makes nothing. */
export function checkDataDirectory(dataDirectory: string): void {
  const nearest = nearestThatExists(dataDirectory);
  if (!statSync(nearest).isDirectory()) throw unusable(dataDirectory, nearest === dataDirectory ? 'it is a file' : `${nearest} is a file`);
  try {
    accessSync(nearest, constants.W_OK);
  } catch {
    throw unusable(dataDirectory, `${nearest} may not be written`);
  }
}

function nearestThatExists(path: string): string {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined || dirname(path) === path) return path;
  return nearestThatExists(dirname(path));
}

function unusable(dataDirectory: string, why: string): WeirError {
  return new WeirError({
    code: 'DATA_DIR_UNUSABLE',
    domain: 'user',
    message: `No data can be kept in ${dataDirectory}: ${why}.`,
    advice: 'Choose another directory with --data-dir, or run the job with --memory.',
  });
}
