import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntegerIndex } from '../../src/state/integer-index.ts';

/* Few keys, so that they are added, removed and added again; some that scatter alike, and the ends of the range. */
const keys = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31), -1, -2, 65_536, 131_072));

describe('slots by integer key', () => {
  it('are those of a Map, whatever is added and removed in between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 400 }), (steps) => {
        const index = new IntegerIndex();
        const model = new Map<number, number>();
        steps.forEach(([key, removes], slot) => {
          if (removes) {
            index.delete(key);
            model.delete(key);
          } else if (!model.has(key)) {
            index.add(key, slot);
            model.set(key, slot);
          }
        });
        for (const [key] of steps) expect(index.get(key)).toBe(model.get(key) ?? -1);
      }),
      { seed: 20_260_102, numRuns: 300 },
    );
  });

  it('are found among many, and again after all but one were removed', () => {
    const index = new IntegerIndex();
    for (let key = 0; key < 50_000; key++) index.add(key * 128, key);
    for (let key = 0; key < 50_000; key++) if (index.get(key * 128) !== key) expect.fail(`key ${key * 128}`);
    for (let key = 1; key < 50_000; key++) index.delete(key * 128);
    for (let round = 0; round < 100_000; round++) {
      index.add(7, 1);
      index.delete(7);
    }
    expect([index.get(0), index.get(128), index.get(7)]).toEqual([0, -1, -1]);
  });
});
