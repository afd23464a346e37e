// Catches: values that change, or stay tied to the batch they were cut from, when they enter state.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownValue } from '../../src/state/own-value.ts';

describe('a value of its own', () => {
  it('equals the one it was made of', () => {
    const leaf = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.double(),
      fc.boolean(),
      fc.bigInt(),
      fc.constant(null),
      fc.date(),
      fc.uint8Array(),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(
          fc.string().filter((field) => field !== '__proto__'),
          tie('value'),
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (any) => {
        expect(ownValue(any)).toEqual(any);
      }),
    );
  });

  it('is the very same where nothing could be shared', () => {
    const value = { count: 1, list: ['short', 2n], at: new Date(0), bytes: new Uint8Array(3) };
    expect(ownValue(value)).toBe(value);
  });

  it('has bytes that do not keep a larger buffer', () => {
    const batch = new Uint8Array(1_000_000);
    const value = ownValue({ inside: [batch.subarray(5, 8)] });
    expect(value.inside[0]!.buffer.byteLength).toBe(3);
  });
});
