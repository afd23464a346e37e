import { assert } from '../base/assert.ts';

/**
 * A column of numbers at rest: the width of its elements in bytes, 0 for 64-bit floats; what is to be added to each;
 * little-endian elements. Where there is a first number, the elements are the steps from each number to the next.
 */
export type NumberColumn = readonly [width: number, base: number, elements: Uint8Array, first?: number];

type Offsets = Uint8Array | Uint16Array | Uint32Array;

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** In bytes. */
const widthOfFloats = 8;

/**
 * Whole numbers as small unsigned offsets: from the lowest of them, or where that is smaller, as of times that mostly
 * rise, of each step from the smallest step. All others as they are. Exact for -0, NaN and infinities.
 */
export function encodeNumbers(numbers: ArrayLike<number>): NumberColumn {
  assert(littleEndian, 'this machine stores the low byte first');
  if (numbers.length === 0) return [1, 0, new Uint8Array(0)];
  const range = numbers instanceof Int32Array ? rangeOfIntegers(numbers) : rangeOf(numbers);
  if (range === undefined) return [0, 0, bytesOf(Float64Array.from(numbers))];
  const { min, max, stepMin, stepMax } = range;
  // Otherwise a step may be rounded.
  const byStep = Number.isSafeInteger(max - min) ? widthOf(stepMax - stepMin) : widthOfFloats;
  const byOffset = widthOf(max - min);
  if (byStep < byOffset) {
    const steps = new Float64Array(numbers.length - 1);
    for (let i = 0; i < steps.length; i++) steps[i] = numbers[i + 1]! - numbers[i]!;
    return [byStep, stepMin, pack(steps, stepMin, byStep), numbers[0]!];
  }
  if (byOffset === widthOfFloats) return [0, 0, bytesOf(Float64Array.from(numbers))];
  return [byOffset, min, pack(numbers, min, byOffset)];
}

/** Exactly `count` numbers; anything else is a broken invariant. */
export function decodeNumbers(column: NumberColumn, count: number): number[] {
  const typed = decodeTyped(column, count);
  const numbers = new Array<number>(count);
  for (let i = 0; i < count; i++) numbers[i] = typed[i]!;
  return numbers;
}

/** The same, as 32-bit integers if they were encoded as whole numbers and all of them are such. */
export function decodeTyped([width, base, elements, first]: NumberColumn, count: number): Int32Array | Float64Array {
  const elementCount = first === undefined ? count : count - 1;
  assert(elements.byteLength === elementCount * (width === 0 ? 8 : width), `a column of ${count} numbers has ${elements.byteLength} bytes`);
  if (width === 0) return new Float64Array(elements.slice().buffer);
  const offsets = unpack(elements, width);
  if (first !== undefined) return decodeSteps(offsets, base, first);
  const numbers = isInt32(base) && isInt32(base + highestOf(offsets)) ? new Int32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = offsets[i]! + base;
  return numbers;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly stepMin: number;
  readonly stepMax: number;
}

function rangeOfIntegers(numbers: Int32Array): Range {
  let before = numbers[0]!;
  let min = before;
  let max = before;
  let stepMin = Number.POSITIVE_INFINITY;
  let stepMax = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i]!;
    const step = number - before;
    before = number;
    if (number < min) min = number;
    if (number > max) max = number;
    if (step < stepMin) stepMin = step;
    if (step > stepMax) stepMax = step;
  }
  return { min, max, stepMin, stepMax };
}

/** Nothing if not all are whole. */
function rangeOf(numbers: ArrayLike<number>): Range | undefined {
  let before = numbers[0]!;
  let min = before;
  let max = before;
  let stepMin = Number.POSITIVE_INFINITY;
  let stepMax = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (!Number.isSafeInteger(number) || (number === 0 && Object.is(number, -0))) return undefined;
    const step = number - before;
    before = number;
    if (number < min) min = number;
    if (number > max) max = number;
    if (i === 0) continue;
    if (step < stepMin) stepMin = step;
    if (step > stepMax) stepMax = step;
  }
  return { min, max, stepMin, stepMax };
}

function decodeSteps(steps: Offsets, stepMin: number, first: number): Int32Array | Float64Array {
  const numbers = new Float64Array(steps.length + 1);
  let number = first;
  let isWide = !isInt32(first);
  numbers[0] = first;
  for (let i = 0; i < steps.length; i++) {
    number += steps[i]! + stepMin;
    numbers[i + 1] = number;
    isWide ||= !isInt32(number);
  }
  return isWide ? numbers : Int32Array.from(numbers);
}

const isInt32 = (number: number): boolean => number >= -0x8000_0000 && number <= 0x7fff_ffff;

function highestOf(offsets: Offsets): number {
  let highest = 0;
  for (let i = 0; i < offsets.length; i++) if (offsets[i]! > highest) highest = offsets[i]!;
  return highest;
}

function widthOf(range: number): number {
  if (range <= 0xffff) return range <= 0xff ? 1 : 2;
  if (range <= 0xff_ffff) return 3;
  return range <= 0xffff_ffff ? 4 : widthOfFloats;
}

function pack(numbers: ArrayLike<number>, base: number, width: number): Uint8Array {
  if (width === 3) return packThree(numbers, base);
  const packed =
    width === 1 ? new Uint8Array(numbers.length) : width === 2 ? new Uint16Array(numbers.length) : new Uint32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) packed[i] = numbers[i]! - base;
  return bytesOf(packed);
}

function packThree(numbers: ArrayLike<number>, base: number): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 3);
  let at = 0;
  for (let i = 0; i < numbers.length; i++) {
    const offset = numbers[i]! - base;
    bytes[at++] = offset;
    bytes[at++] = offset >>> 8;
    bytes[at++] = offset >>> 16;
  }
  return bytes;
}

function unpack(bytes: Uint8Array, width: number): Offsets {
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(bytes.slice().buffer);
  if (width === 4) return new Uint32Array(bytes.slice().buffer);
  const offsets = new Uint32Array(bytes.length / 3);
  let at = 0;
  for (let i = 0; i < offsets.length; i++) offsets[i] = bytes[at++]! | (bytes[at++]! << 8) | (bytes[at++]! << 16);
  return offsets;
}

function bytesOf(array: Offsets | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
