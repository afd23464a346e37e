import type { Key } from '../values/key.ts';

const lengthMax = 80;

/** A key as messages show it; a long one is cut. */
export function describeKey(key: Key): string {
  const text = JSON.stringify(key, (_field, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`;
}
