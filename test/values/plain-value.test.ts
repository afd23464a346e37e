import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlain, deepFreeze } from '../../src/values/plain-value.ts';
import { encodeValue } from '../../src/values/serializer.ts';
import { plainValues } from './arbitrary-values.ts';

describe('plain data', () => {
  it('is what the serializer takes', () => {
    fc.assert(
      fc.property(
        fc.oneof(plainValues, fc.anything({ withMap: true, withSet: true, withDate: true, withTypedArray: true, withSparseArray: true })),
        (value) => {
          const plain = checkPlain(value) === undefined;
          let encoded = true;
          try {
            encodeValue(value);
          } catch {
            encoded = false;
          }
          expect(encoded).toBe(plain);
        },
      ),
      { seed: 23, numRuns: 1500 },
    );
  });

  it('may lack fields, but not items', () => {
    expect(checkPlain({ a: undefined })).toBeUndefined();
    expect(checkPlain({ a: [undefined] })).toBe('field "a[0]" is undefined');
  });

  it('is named by its outer steps when it nests without end', () => {
    const cycle: { next?: unknown } = {};
    cycle.next = cycle;
    expect(checkPlain({ a: cycle })).toMatch(/^field "a\.next(\.next)*" is nested deeper than 200 levels, or contains itself$/);
    expect(checkPlain({ a: cycle })!.length).toBeLessThan(200);
  });
});

describe('deepFreeze', () => {
  it('freezes lists and objects all the way down, and leaves the rest usable', () => {
    const value = deepFreeze({ a: [{ b: 1 }], at: new Date(0), bytes: new Uint8Array(2), frozen: Object.freeze({ inner: { c: 1 } }) });
    expect([value, value.a, value.a[0], value.frozen.inner].every(Object.isFrozen)).toBe(true);
    value.bytes[0] = 1;
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(Object.isFrozen(deepFreeze(cycle))).toBe(true);
  });
});
