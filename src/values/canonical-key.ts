import { WeirError } from '../base/errors.ts';
import type { Key } from './key.ts';

/*
 * Keys are compared by value, but a Map compares objects by identity: the canonical form is what a Map can hold.
 *
 * 1. A number, boolean or bigint is its own canonical form (-0 is 0), and so is a string that does not begin with U+0000.
 * 2. A string that begins with U+0000 gets another U+0000 in front.
 * 3. A list or object becomes U+0000 and a text, in which no item is the beginning of another:
 *    "s" length ":" text for strings, "n" digits ";" for numbers, "i" digits ";" for bigint, "t" and "f" for booleans,
 *    "[" items "]" for lists, "{" (name value)* "}" for objects, fields sorted by name, each name as a string is.
 *
 * So two keys have one canonical form if and only if they are equal by value, and 1, "1", 1n and true stay apart.
 */

export type CanonicalKey = string | number | boolean | bigint;

/** What a Map knows the key by. Refuses what is no key, by its path (KEY_INVALID). */
export function canonicalKey(key: Key): CanonicalKey {
  switch (typeof key) {
    case 'string':
      if (!key.isWellFormed()) throw invalidKey([], 'a string with half of a surrogate pair');
      return key.charCodeAt(0) === 0 ? `\u0000${key}` : key;
    case 'number':
      if (Number.isNaN(key)) throw invalidKey([], 'NaN');
      return key + 0;
    case 'boolean':
    case 'bigint':
      return key;
    default:
      return `\u0000${textOf(key, [])}`;
  }
}

/** A total order of canonical keys: booleans, numbers, bigint, then strings (by UTF-16 code unit) and composites. */
export function compareCanonicalKeys(a: CanonicalKey, b: CanonicalKey): number {
  if (typeof a !== typeof b) return rankOf(a) - rankOf(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function rankOf(key: CanonicalKey): number {
  switch (typeof key) {
    case 'boolean':
      return 0;
    case 'number':
      return 1;
    case 'bigint':
      return 2;
    default:
      return 3;
  }
}

type Path = readonly (string | number)[];

/** Nothing that is a key in earnest nests deeper; a cycle does. */
const depthMax = 32;

function textOf(key: Key, path: Path): string {
  switch (typeof key) {
    case 'string':
      if (!key.isWellFormed()) throw invalidKey(path, 'a string with half of a surrogate pair');
      return textOfString(key);
    case 'number':
      if (Number.isNaN(key)) throw invalidKey(path, 'NaN');
      return `n${key + 0};`;
    case 'bigint':
      return `i${key};`;
    case 'boolean':
      return key ? 't' : 'f';
    case 'object':
      return textOfComposite(key, path);
    default:
      throw invalidKey(path, typeof key);
  }
}

const textOfString = (text: string) => `s${text.length}:${text}`;

function textOfComposite(key: readonly Key[] | { readonly [field: string]: Key } | null, path: Path): string {
  if (key === null) throw invalidKey(path, 'null');
  if (path.length > depthMax) throw invalidKey(path.slice(0, 4), `something that contains itself or nests deeper than ${depthMax}`);
  if (Array.isArray(key)) {
    let text = '[';
    // By index, since holes are skipped by other ways to iterate.
    for (let i = 0; i < key.length; i++) text += textOf(key[i], [...path, i]);
    return `${text}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(key);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw invalidKey(path, `an instance of ${key.constructor?.name ?? 'a class'}`);
  const fields = key as { readonly [field: string]: Key };
  let text = '{';
  for (const field of Object.keys(fields).sort()) {
    if (field === '__proto__' || !field.isWellFormed()) throw invalidKey(path, `a field named ${JSON.stringify(field)}`);
    text += textOfString(field) + textOf(fields[field]!, [...path, field]);
  }
  return `${text}}`;
}

function invalidKey(path: Path, found: string): WeirError {
  const where = path.length === 0 ? '' : ` at ${path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
  return new WeirError({
    code: 'KEY_INVALID',
    domain: 'program',
    message: `A key must be a string, number, boolean or bigint, or a list or plain object of these; found ${found}${where}.`,
    advice: 'Let keyBy return a value of these kinds for every record.',
  });
}
