import { Unpackr } from 'msgpackr/unpack';
import { messageOf, WeirError } from '../base/errors.ts';

// The settings say what `ValueWriter` writes: no record structures, maps are objects, 64-bit integers are bigint. Byte
// arrays are copied, so that a small one in state doesn't keep a whole segment in memory.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint', copyBuffers: true });

/** The one value that `bytes` hold. Bytes that are not MessagePack, or hold more or less, are VALUE_UNREADABLE. */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(plainBytes(bytes));
  } catch (cause) {
    throw unreadable(cause);
  }
}

/**
 * Gives every value of `bytes`, from offset `start` to `end`, to `each`, with the offsets at which it begins and ends,
 * until there is none left or `each` returns false. `each` must not decode anything itself.
 */
export function readValues(
  bytes: Uint8Array,
  each: (value: unknown, start: number, end: number) => unknown,
  start = 0,
  end = bytes.byteLength,
): void {
  if (start === end) return;
  let thrownByEach: { readonly error: unknown } | undefined;
  try {
    unpackr.unpackMultiple(plainBytes(bytes.subarray(start, end)), (value: unknown, from?: number, to?: number) => {
      try {
        return each(value, start + from!, start + to!);
      } catch (error) {
        thrownByEach = { error };
        return false;
      }
    });
  } catch (cause) {
    throw unreadable(cause);
  }
  if (thrownByEach !== undefined) throw thrownByEach.error;
}

/** All the values of a run, as a list. */
export function decodeValues(bytes: Uint8Array, start = 0, end = bytes.byteLength): unknown[] {
  if (start === end) return [];
  try {
    return unpackr.unpackMultiple(plainBytes(bytes.subarray(start, end)));
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** Byte arrays within the value come back as what they are read from, and that shall not be a Buffer. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unreadable(cause: unknown): WeirError {
  return new WeirError({
    code: 'VALUE_UNREADABLE',
    domain: 'internal',
    message: `Stored bytes should be values in MessagePack, but reading them failed: ${messageOf(cause)}.`,
    cause,
  });
}
