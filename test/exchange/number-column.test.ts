// Would catch: a number that comes back as another, by whichever of its forms a column is written: rounded, cut or shifted.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNumbers, decodeTyped, encodeNumbers } from '../../src/exchange/number-column.ts';

const borders = [
  0,
  -0,
  1,
  255,
  256,
  65_535,
  65_536,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
];
const any = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double(), fc.constantFrom(...borders, ...borders.map((border) => -border)));
/** As times mostly are: each a little above the one before. */
const rising = fc
  .tuple(
    fc.oneof(fc.integer(), fc.maxSafeInteger()),
    fc.array(fc.oneof(fc.nat(300), fc.integer({ min: -5, max: 70_000 }), fc.nat(2 ** 24))),
  )
  .map(([first, steps]) => {
    let number = first;
    return [first, ...steps.map((step) => (number += step))];
  });
const columns = fc.oneof(fc.array(any), fc.array(fc.integer()), fc.array(fc.nat(2 ** 24 + 2)), rising);

describe('a column of numbers', () => {
  it('comes back as it was, whatever form it was written in', () => {
    fc.assert(
      fc.property(columns, (numbers) => {
        deepStrictEqual(decodeNumbers(encodeNumbers(numbers), numbers.length), numbers);
        deepStrictEqual(Array.from(decodeTyped(encodeNumbers(Float64Array.from(numbers)), numbers.length)), numbers);
        const integers = Int32Array.from(numbers);
        deepStrictEqual(decodeTyped(encodeNumbers(integers), integers.length), integers);
      }),
      { seed: 20261126, numRuns: 2_000 },
    );
  });

  it('takes as few bytes for each as their range or their steps allow', () => {
    const bytes = (numbers: readonly number[]) => encodeNumbers(numbers)[2].byteLength / numbers.length;
    const many = (make: (i: number) => number) => Array.from({ length: 1_000 }, (_, i) => make(i));
    expect(bytes(many((i) => (i * 7919) % 200))).toBe(1);
    expect(bytes(many((i) => (i * 7919) % 50_000))).toBe(2);
    expect(bytes(many((i) => (i * 791_993) % 10_000_019))).toBe(3);
    expect(bytes(many((i) => (i * 791_999_993) % 4_000_000_007))).toBe(4);
    expect(bytes(many((i) => i / 7))).toBe(8);
    expect(bytes(many((i) => 1_700_000_000_000 + i * 60_000 + (i % 200)))).toBeLessThan(2.01);
  });
});
