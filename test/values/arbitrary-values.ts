import fc from 'fast-check';
import type { Key } from '../../src/values/key.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\u0000', '\u0000[', 's1:a', 't', '1', 'constructor', 'toString'),
);
const field = text.filter((name) => name !== '__proto__');
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.constantFrom(
    0,
    -0,
    1,
    -32,
    -33,
    -128,
    -129,
    127,
    128,
    255,
    256,
    65535,
    65536,
    -32768,
    -32769,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    -(2 ** 31),
    -(2 ** 31) - 1,
  ),
);
const bigint = fc.oneof(
  fc.bigInt(),
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n, 2n ** 64n - 1n, -(2n ** 64n), -(2n ** 127n), 2n ** 200n),
);

/** Keys of every kind, nested ones included. */
export const keys: fc.Arbitrary<Key> = fc.letrec<{ key: Key }>((tie) => ({
  key: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    bigint,
    fc.array(tie('key'), { maxLength: 4 }),
    fc.dictionary(field, tie('key'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).key;

/** Plain data of every kind. */
export const plainValues: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    text,
    fc.string({ minLength: 20, maxLength: 400, unit: 'grapheme' }),
    number,
    bigint,
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(field, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;
