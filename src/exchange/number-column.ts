import { assert } from '../base/assert.ts';

/** A column of numbers at rest: the width of its elements in bytes, 0 for 64-bit floats; what is to be added to each; little-endian elements. */
export type NumberColumn = readonly [width: number, base: number, elements: Uint8Array];

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Whole numbers that lie close together as small unsigned offsets from the lowest, all others as they are. Exact for -0, NaN and infinities. */
export function encodeNumbers(numbers: ArrayLike<number>): NumberColumn {
  assert(littleEndian, 'this machine stores the low byte first');
  return numbers instanceof Int32Array ? encodeIntegers(numbers) : encodeAny(numbers);
}

function encodeIntegers(numbers: Int32Array): NumberColumn {
  if (numbers.length === 0) return [1, 0, new Uint8Array(0)];
  let min = numbers[0]!;
  let max = min;
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (number < min) min = number;
    else if (number > max) max = number;
  }
  const offsets = arrayOf(widthOf(max - min), numbers.length);
  for (let i = 0; i < numbers.length; i++) offsets[i] = numbers[i]! - min;
  return [offsets.BYTES_PER_ELEMENT, min, bytesOf(offsets)];
}

function encodeAny(numbers: ArrayLike<number>): NumberColumn {
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
  const offsets = arrayOf(widthOf(max - min), numbers.length);
  for (let i = 0; i < numbers.length; i++) offsets[i] = numbers[i]! - min;
  return [offsets.BYTES_PER_ELEMENT, min, bytesOf(offsets)];
}

/** Exactly `count` numbers; anything else is a broken invariant. */
export function decodeNumbers(column: NumberColumn, count: number): number[] {
  const typed = decodeTyped(column, count);
  const numbers = new Array<number>(count);
  for (let i = 0; i < count; i++) numbers[i] = typed[i]!;
  return numbers;
}

/** The same, as 32-bit integers if they were encoded as whole numbers and all of them are such. */
export function decodeTyped([width, base, elements]: NumberColumn, count: number): Int32Array | Float64Array {
  assert(elements.byteLength === count * (width === 0 ? 8 : width), `a column of ${count} numbers has ${elements.byteLength} bytes`);
  const { buffer } = elements.slice();
  if (width === 0) return new Float64Array(buffer);
  const offsets = width === 1 ? new Uint8Array(buffer) : width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
  const isInt32 = base >= -0x8000_0000 && base + highestOf(offsets) <= 0x7fff_ffff;
  const numbers = isInt32 ? new Int32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = offsets[i]! + base;
  return numbers;
}

function highestOf(offsets: Uint8Array | Uint16Array | Uint32Array): number {
  let highest = 0;
  for (let i = 0; i < offsets.length; i++) if (offsets[i]! > highest) highest = offsets[i]!;
  return highest;
}

function widthOf(range: number): 1 | 2 | 4 {
  if (range <= 0xff) return 1;
  return range <= 0xffff ? 2 : 4;
}

function arrayOf(width: number, length: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return new Uint8Array(length);
  return width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

function bytesOf(array: Uint8Array | Uint16Array | Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
