import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** This package's root: job files get the SDK from here, so that a program never holds two versions of it. */
export const ownPackageRoot = nearestPackageRoot(import.meta.dirname);

/** Whether these sources run as they are, without a build. */
export const runsFromSource: boolean = import.meta.filename.endsWith('.ts');

/** The nearest directory with a package.json, from `directory` upwards; if there is none, `directory`. */
export function nearestPackageRoot(directory: string): string {
  for (let candidate = directory; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (dirname(candidate) === candidate) return directory;
  }
}
