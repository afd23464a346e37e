// Would catch: a number that comes back as another (-0, NaN, beyond 32 bits), a field lost or out of order, a row that is
// read as its neighbour's, and anything that differs between values as rows and as objects, at rest too.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlotValues } from '../../src/state/slot-values.ts';
import { encodeValue, ValueWriter } from '../../src/values/serializer.ts';

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY),
);
const ofOneShape = fc.record({ count: number, sum: number, max: number });
const ofAnyKind = fc.oneof(
  { weight: 8, arbitrary: ofOneShape },
  fc.record({ sum: number, count: number }),
  fc.record({ count: number, sum: number, max: fc.constantFrom(null, 'a', undefined) }),
  fc.constant(Object.create(null) as object),
  fc.constant([1, 2, 3]),
  fc.string(),
  number,
);

type Step = { readonly slot: number; readonly value?: unknown; readonly from?: number };
const slot = fc.nat({ max: 200 });
const stepsOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ slot, value }) },
      fc.record({ slot, value: fc.constant(undefined) }),
      fc.record({ slot, from: slot }),
    ),
    { maxLength: 120 },
  );

/** As if two tables were at hand, one that copies of the other and back. */
function play(steps: readonly Step[]): void {
  const values = [new SlotValues(), new SlotValues()] as const;
  const model: readonly [unknown[], unknown[]] = [[], []];
  steps.forEach(({ slot: at, value, from }, turn) => {
    const into = turn % 3 === 0 ? 1 : 0;
    if (from === undefined) {
      values[into].set(at, value);
      model[into][at] = value;
    } else {
      values[into].copy(at, values[1 - into]!, from);
      model[into][at] = model[1 - into]![from];
    }
  });
  for (const which of [0, 1] as const) {
    for (let at = 0; at <= 200; at++) {
      const expected = model[which][at];
      expect(values[which].get(at)).toStrictEqual(expected);
      expect(values[which].has(at)).toBe(expected !== undefined);
      if (typeof expected === 'object' && expected !== null) expect(Object.keys(values[which].get(at)!)).toEqual(Object.keys(expected));
      if (expected !== undefined) expect(written(values[which], at)).toEqual(encodeValue(expected));
    }
  }
}

function written(values: SlotValues, at: number): Uint8Array {
  const out = new ValueWriter(16);
  values.write(at, out);
  return out.copy();
}

describe('values by slot', () => {
  test('give back what was set, as rows of numbers', () => {
    fc.assert(fc.property(stepsOf(ofOneShape), play), { seed: 20261123, numRuns: 300 });
  });

  test('give back what was set, when some are of other kinds', () => {
    fc.assert(fc.property(stepsOf(ofAnyKind), play), { seed: 20261124, numRuns: 300 });
  });

  test('are kept as numbers only while all have one shape', () => {
    const values = new SlotValues();
    values.set(0, { count: 1 });
    values.set(1, { count: 0.5 });
    expect(values.asGiven).toBe(false);
    values.set(2, { count: 1, sum: 2 });
    expect(values.asGiven).toBe(true);
    expect([values.get(0), values.get(1), values.get(2)]).toEqual([{ count: 1 }, { count: 0.5 }, { count: 1, sum: 2 }]);
  });

  test('of a shape with a field that names no plain field stay objects', () => {
    const values = new SlotValues();
    values.set(0, JSON.parse('{"__proto__": 1}'));
    expect(values.asGiven).toBe(true);
  });
});
