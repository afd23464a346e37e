import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordList } from '../../src/exchange/record-list.ts';
import { decodeRun, encodeRun } from '../../src/exchange/run-codec.ts';

const listOf = (records: readonly unknown[]): RecordList => {
  const list = new RecordList();
  for (const record of records) list.push(record);
  return list;
};

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, 0, Number.NaN, 2 ** 31, -(2 ** 31), Number.POSITIVE_INFINITY));
const inner = fc.oneof(
  number,
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.bigInt(),
  fc.record({ deep: number }, { noNullPrototype: true }),
);
/** Mostly of one shape, as streams are; sometimes not. */
const records = fc.oneof(
  fc.array(fc.record({ a: number, b: inner, 'a long name': fc.string() }, { noNullPrototype: true })),
  fc.array(fc.record({ a: fc.integer(), b: inner }, { requiredKeys: ['a'], noNullPrototype: true })),
  fc.array(
    fc.oneof(
      fc.record({ a: fc.integer() }, { noNullPrototype: true }),
      fc.record({ a: fc.integer(), b: number }, { noNullPrototype: true }),
      inner,
      fc.array(number),
    ),
  ),
);

/*
 * Records that are kept as columns must come back as they went in: a column too narrow for a value, a field that is
 * missing or stands elsewhere, or a value that is no plain object would change them.
 */
describe('records on their way', () => {
  it('come out as they went in, one by one, all together and encoded', () => {
    fc.assert(
      fc.property(records, (given) => {
        const list = listOf(given);
        expect(list.length).toBe(given.length);
        expect(given.map((_, i) => list.at(i))).toStrictEqual(given);
        expect([...list]).toStrictEqual(given);
        expect([...list].map((record) => typeof record === 'object' && record !== null && Object.keys(record))).toStrictEqual(
          given.map((record) => typeof record === 'object' && record !== null && Object.keys(record)),
        );
        if (given.length === 0) return;
        const run = { values: list, timestamps: undefined, keys: undefined, keyGroups: undefined, risesAt: [], risesTo: [] };
        expect([...decodeRun(encodeRun(run)).values]).toStrictEqual(given);
        expect(encodeRun(run)).toStrictEqual(encodeRun({ ...run, values: given }));
      }),
      { seed: 20_260_101, numRuns: 500 },
    );
  });

  it('are many of one shape, kept as columns whatever numbers come', () => {
    const given = Array.from({ length: 10_000 }, (_, i) => ({ key: i, price: i % 5_000 === 4_999 ? 0.5 : i, name: `n${i % 7}` }));
    const list = listOf(given);
    expect(list.shaped?.fields).toEqual(['key', 'price', 'name']);
    expect([...list]).toStrictEqual(given);
  });

  it('keep what is no plain object as it is', () => {
    class Flight {
      readonly delay = 1;
    }
    const flight = new Flight();
    const hidden = Object.defineProperty({ a: 1 }, '__proto__', { value: 2, enumerable: true });
    expect(listOf([{ delay: 1 }, flight]).at(1)).toBe(flight);
    expect(listOf([flight]).at(0)).toBe(flight);
    expect(listOf([hidden]).at(0)).toBe(hidden);
    expect(listOf([{}, {}]).shaped).toBeUndefined();
  });

  it('are taken whatever their fields are called', () => {
    const given = [{ 'a"];throw 1;//': 1, constructor: 2, index: 3, record: 4, value: 5, '\u2028': 6, 7: 8 }];
    expect([...listOf(given)]).toStrictEqual(given);
  });
});
