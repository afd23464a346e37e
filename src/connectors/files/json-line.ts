import { messageOf, WeirError } from '../../base/errors.ts';

/**
 * One record as a line of JSON. Dates become ISO strings, numbers that JSON lacks become null, undefined fields are left
 * out. Throws a WeirError for what JSON would change beyond recognition, or cannot hold: byte arrays and bigint.
 */
export function jsonLine(value: unknown): string {
  let line: string | undefined;
  let bytesFound = false;
  try {
    bytesFound = holdsBytes(value);
    line = bytesFound ? undefined : JSON.stringify(value);
  } catch (cause) {
    throw unwritable(messageOf(cause), cause);
  }
  if (line === undefined) throw unwritable(bytesFound ? 'found a byte array' : `found ${typeof value}`);
  return `${line}\n`;
}

function holdsBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  if (ArrayBuffer.isView(value)) return true;
  if (Array.isArray(value)) return value.some(holdsBytes);
  const fields = value as { readonly [field: string]: unknown };
  for (const field in fields) {
    if (typeof fields[field] === 'object' && holdsBytes(fields[field])) return true;
  }
  return false;
}

function unwritable(found: string, cause?: unknown): WeirError {
  return new WeirError({
    code: 'OUTPUT_NOT_JSON',
    domain: 'program',
    message: `A record cannot be written as a line of JSON: ${found}.`,
    advice: 'Map records to JSON before the sink: bigint to a string or a number, bytes to base64.',
    cause,
  });
}
