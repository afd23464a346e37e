import { assert } from '../base/assert.ts';

/** A column of numbers at rest: the width of its elements in bytes, 0 for 64-bit floats; what is to be added to each; little-endian elements. */
export type NumberColumn = readonly [width: number, base: number, elements: Uint8Array];

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Whole numbers that lie close together as small unsigned offsets from the lowest, all others as they are. Exact for -0, NaN and infinities. */
export function encodeNumbers(numbers: ArrayLike<number>): NumberColumn {
  assert(littleEndian, 'this machine stores the low byte first');
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let whole = true;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (!Number.isSafeInteger(number) || Object.is(number, -0)) {
      whole = false;
      break;
    }
    if (number < min) min = number;
    if (number > max) max = number;
  }
  if (!whole || max - min > 0xffffffff) return [0, 0, bytesOf(Float64Array.from(numbers))];
  if (numbers.length === 0) return [1, 0, new Uint8Array(0)];
  const width = max - min <= 0xff ? 1 : max - min <= 0xffff ? 2 : 4;
  const offsets = arrayOf(width, numbers.length);
  for (let i = 0; i < numbers.length; i++) offsets[i] = numbers[i]! - min;
  return [width, min, bytesOf(offsets)];
}

/** Exactly `count` numbers; anything else is a broken invariant. */
export function decodeNumbers([width, base, elements]: NumberColumn, count: number): number[] {
  assert(elements.byteLength === count * (width === 0 ? 8 : width), `a column of ${count} numbers has ${elements.byteLength} bytes`);
  const { buffer } = elements.slice();
  const numbers = new Array<number>(count);
  const offsets =
    width === 0
      ? new Float64Array(buffer)
      : width === 1
        ? new Uint8Array(buffer)
        : width === 2
          ? new Uint16Array(buffer)
          : new Uint32Array(buffer);
  for (let i = 0; i < count; i++) numbers[i] = width === 0 ? offsets[i]! : offsets[i]! + base;
  return numbers;
}

function arrayOf(width: number, length: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return new Uint8Array(length);
  return width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

function bytesOf(array: Uint8Array | Uint16Array | Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
