/** Pure: which places clients may name. */
import { WeirError } from '../base/errors.ts';

/**
 * Throws PATH_NOT_ALLOWED unless the place is one of the prefixes or below it, spelled plainly: without segments that lead
 * up or nowhere, and without characters that somebody may decode into such. A prefix is a URI such as s3://bucket/savepoints.
 */
export function checkAllowed(given: string, prefixes: readonly string[]): void {
  const roots = prefixes.map((prefix) => prefix.replace(/\/+$/, ''));
  if (isPlain(given) && roots.some((root) => given === root || given.startsWith(`${root}/`))) return;
  const shown = given.length > shownCharactersMax ? `${given.slice(0, shownCharactersMax)}...` : given;
  throw new WeirError({
    code: 'PATH_NOT_ALLOWED',
    domain: 'user',
    message: `The path of a snapshot or directory should be at or below ${listed(roots)}, without "." or ".." in it, but this is ${JSON.stringify(shown)}.`,
    advice: 'Name a place there, or add its URI to the prefixes that the control plane allows.',
  });
}

const shownCharactersMax = 200;

/** One slash at the end is what users write after a directory. */
function isPlain(uri: string): boolean {
  const segments = uri
    .replace(/^[a-z0-9]+:\/\//, '')
    .replace(/\/$/, '')
    .split('/');
  return segments.every((segment) => segment !== '' && !/^\.{1,2}$/.test(segment) && !hidden.test(segment));
}

/** Control characters, a backslash, and a percent sign before what stands for a slash, a backslash, a dot or a percent sign. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const hidden = /[\u0000-\u001f\u007f\\]|%(?:2f|5c|2e|25)/i;

const listed = (roots: readonly string[]): string => (roots.length === 1 ? roots[0]! : `one of ${roots.join(', ')}`);
