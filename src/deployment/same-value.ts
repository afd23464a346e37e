import type { Portable } from '../values/portable.ts';

/** As JSON with fields in order: stores keep no order. */
export const canonicalText = (value: Portable): string => JSON.stringify(sorted(value));

export const sameValue = (a: Portable, b: Portable): boolean => canonicalText(a) === canonicalText(b);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, each]) => [name, sorted(each)] as const);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
