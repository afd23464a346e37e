// Key groups divide stored state: a hash that changed would send keys to subtasks that do not have their state.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey } from '../../src/values/canonical-key.ts';
import { hashOfKey, keyGroupOf, murmurOfHash } from '../../src/values/key-hash.ts';
import { keys } from './arbitrary-values.ts';

describe('key groups', () => {
  it.each([
    ['a', 81, 3025],
    ['hello', 35, 2723],
    ['key-1', 54, 2614],
    [0, 94, 2526],
    [1, 86, 4054],
    [42, 29, 3613],
    [1234567890123, 92, 3420],
    [1234567890123n, 92, 3420],
  ])('of %s are those that Flink computes', (key, of128, of4096) => {
    expect([keyGroupOf(key, 128), keyGroupOf(key, 4096)]).toEqual([of128, of4096]);
  });

  it('are within range for every key, and for the hash at the edge', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 32768 }), (key, maxParallelism) => {
        const group = keyGroupOf(key, maxParallelism);
        expect(Number.isInteger(group) && group >= 0 && group < maxParallelism).toBe(true);
      }),
      { seed: 7 },
    );
    fc.assert(
      fc.property(fc.integer(), (hash) => murmurOfHash(hash) >= 0),
      { seed: 7 },
    );
  });
});

describe('the hash of a key', () => {
  it.each<[unknown, number]>([
    ['', 0],
    ['hello', 99162322],
    ['polygenelubricants', -2147483648],
    ['\u{1f600}', 1772899],
    [-1, -1],
    [2147483647, 2147483647],
    [-2147483648, -2147483648],
    [2147483648, -2147483648],
    [-2147483649, -2147483648],
    [-1234567890123, 1912276437],
    [1.5, 1073217536],
    [Number.POSITIVE_INFINITY, 2146435072],
    [1e300, -164130400],
    [3e16, -1869978315],
    [-2.75, -1073348608],
    [true, 1231],
    [false, 1237],
    [-1n, 0],
    [2n ** 63n - 1n, -2147483648],
    [2n ** 64n, 961],
    [-(2n ** 64n), -961],
    [2n ** 63n, -2147483648],
    [123456789012345678901234567890123456789n, 1932860589],
    [-123456789012345678901234567890123456789n, -1932860589],
    ['J\u00fcrgen', -1940184432],
    [[], 1],
    [['JFK', 2001, true, 1.5], -1033427148],
    [['a', [1, 2, 'x']], 34902],
    [{ flight: 17, carrier: 'AA' }, 37535562],
    [[1, 2], 994],
    [['a', true], 31 * (31 + 97) + 1231],
    [{ a: 1 }, 31 * (31 + 97) + 1],
  ])('%o is as Java has it', (key, hash) => {
    expect(hashOfKey(key as never)).toBe(hash);
  });

  it('does not tell 0 from -0 nor know the order of fields', () => {
    expect(hashOfKey(-0)).toBe(0);
    expect(hashOfKey({ a: 1, b: 'x' })).toBe(hashOfKey({ b: 'x', a: 1 }));
  });

  it('is one for keys of one canonical form', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => canonicalKey(a) !== canonicalKey(b) || hashOfKey(a) === hashOfKey(b)),
      { seed: 11 },
    );
  });

  it.each([[Number.NaN], [undefined], [null], [[Number.NaN]], [{ a: undefined }]])('%o is refused', (key) => {
    expect(() => hashOfKey(key as never)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});
