/** Shorter pieces of a text are copies already, in V8. */
const pieceLengthMin = 13;

/**
 * The same plain data, but with texts and bytes of its own; the very same value if it has no long ones. What was cut
 * from a batch would keep the whole batch in memory, for as long as it is kept itself.
 */
export function ownValue<T>(value: T): T;
export function ownValue(value: unknown): unknown {
  if (!mayShare(value)) return value;
  if (typeof value === 'string') return ` ${value}`.slice(1);
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(ownValue);
  const copy: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value as object)) copy[field] = ownValue(inner);
  return copy;
}

function mayShare(value: unknown): boolean {
  if (typeof value === 'string') return value.length >= pieceLengthMin;
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  if (value instanceof Uint8Array) return value.byteLength < value.buffer.byteLength;
  if (Array.isArray(value)) return value.some(mayShare);
  for (const field in value) {
    if (mayShare((value as { readonly [field: string]: unknown })[field])) return true;
  }
  return false;
}
