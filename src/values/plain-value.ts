/** Nothing nests deeper, so that recursion over values is safe; a cycle shows as this. */
export const valueDepthMax = 200;

/** Own `__proto__` fields would become prototypes when read back. */
const refusedField = '__proto__';

/**
 * Where and what the first thing is that is not plain data, as a clause (`field "a.b[3]" is a Map`); nothing if all is
 * plain. Plain data: null, booleans, numbers, bigint, well-formed strings, dates, byte arrays, lists and plain objects
 * of these. An undefined field counts as missing.
 */
export function checkPlain(value: unknown): string | undefined {
  const found = firstNotPlain(value, 0);
  if (found === undefined) return undefined;
  const path = found.path.reverse().join('').replace(/^\./, '');
  return path === '' ? `the value is ${found.what}` : `field "${path}" is ${found.what}`;
}

/** A plain object as JSON knows it, of this realm or another. */
export function isPlainObject(value: object): value is { readonly [field: string]: unknown } {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Freezes lists and objects, all the way down; dates and byte arrays can't be frozen and stay as they are. */
export function deepFreeze<T>(value: T): T {
  freeze(value, new Set());
  return value;
}

interface NotPlain {
  /** From the inside out. */
  readonly path: string[];
  readonly what: string;
}

const notPlain = (what: string): NotPlain => ({ path: [], what });

function firstNotPlain(value: unknown, depth: number): NotPlain | undefined {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'bigint':
      return undefined;
    case 'string':
      return value.isWellFormed() ? undefined : notPlain('a string with half of a surrogate pair');
    case 'object':
      return value === null ? undefined : firstNotPlainInObject(value, depth);
    case 'undefined':
      return notPlain('undefined');
    default:
      return notPlain(`a ${typeof value}`);
  }
}

function firstNotPlainInObject(value: object, depth: number): NotPlain | undefined {
  if (depth > valueDepthMax) return notPlain(`nested deeper than ${valueDepthMax} levels, or contains itself`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = firstNotPlain(value[i], depth + 1);
      if (found !== undefined) return inside(found, `[${i}]`, depth);
    }
    return undefined;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? notPlain('an invalid date') : undefined;
  if (value instanceof Uint8Array) return undefined;
  if (!isPlainObject(value)) return notPlain(`an instance of ${value.constructor?.name ?? 'a class'}`);
  if (Object.getOwnPropertySymbols(value).length > 0) return notPlain('an object with a symbol as a field');
  for (const field of Object.keys(value)) {
    if (field === refusedField || !field.isWellFormed()) return notPlain(`an object with a field named ${JSON.stringify(field)}`);
    const inner = value[field];
    if (inner === undefined) continue;
    const found = firstNotPlain(inner, depth + 1);
    if (found !== undefined) return inside(found, `.${field}`, depth);
  }
  return undefined;
}

/** A path of hundreds of steps tells nobody anything: only the outer ones are kept. */
function inside(found: NotPlain, step: string, depth: number): NotPlain {
  if (depth === 8) found.path.length = 0;
  found.path.push(step);
  return found;
}

function freeze(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value) || value instanceof Date) return;
  seen.add(value);
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner, seen);
}
