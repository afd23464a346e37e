import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownPackageRoot } from '../program/own-package.ts';

const frame = /^\s*at (?:(.*?) \()?((?:file:\/\/)?\/[^():]+):(\d+):(\d+)\)?$/;

/**
 * The frames of a stack that are the author's own code, with paths relative to `directory` where that is shorter: neither
 * Node's nor a package's nor ours, examples apart.
 */
export function userFrames(stack: string, directory: string): readonly string[] {
  return stack.split('\n').flatMap((line) => {
    const [, name, location, row, column] = frame.exec(line) ?? [];
    if (location === undefined) return [];
    const path = location.startsWith('file:') ? fileURLToPath(location) : location;
    if (!isUsersFile(path)) return [];
    const near = relative(directory, path);
    const shown = near.startsWith('..') || isAbsolute(near) ? path : near;
    return [`    at ${name === undefined ? '' : `${name} (`}${shown}:${row}:${column}${name === undefined ? '' : ')'}`];
  });
}

/** Ours are everything under the package's root but what stands there for users to read, run and change. */
function isUsersFile(path: string): boolean {
  if (path.includes('/node_modules/') || /\/(chunk-[A-Z0-9]+|slot|coordinator)\.mjs$/.test(path)) return false;
  const inside = relative(ownPackageRoot, path);
  if (inside.startsWith('..') || isAbsolute(inside)) return true;
  return !/^(src|functions|infra|scripts|dist)\//.test(inside);
}
