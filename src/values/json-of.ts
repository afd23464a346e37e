import type { Portable } from './portable.ts';

/**
 * Plain data as JSON, for people and tools to look at: dates as ISO texts, bigint as decimal texts, byte arrays as base64,
 * numbers that JSON lacks as texts. Not to be read back: `1n` and `"1"` look alike.
 */
export function jsonOf(value: unknown): Portable {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return String(value);
    default:
      return typeof value === 'object' && value !== null ? jsonOfObject(value) : null;
  }
}

function jsonOfObject(value: object): Portable {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(jsonOf);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, jsonOf(inner)]));
}
