// Catches: a record that reads differently at another subtask than it was, so that results depend on parallelism.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordRun } from '../../src/exchange/api.ts';
import { decodeRun, encodeRun } from '../../src/exchange/run-codec.ts';
import { keys, plainValues } from '../values/arbitrary-values.ts';

const runOf = (values: readonly unknown[], rest: Partial<RecordRun> = {}): RecordRun => ({
  values,
  timestamps: undefined,
  keys: undefined,
  keyGroups: undefined,
  risesAt: [],
  risesTo: [],
  ...rest,
});

const roundTrip = (values: readonly unknown[]): readonly unknown[] => [...decodeRun(encodeRun(runOf(values))).values];

/** Also what toEqual overlooks: the order of fields, and fields that are undefined. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return typeof value;
  return Object.entries(value).map(([field, part]) => [field, shapeOf(part)]);
};

function expectSame(values: readonly unknown[]): void {
  const back = roundTrip(values);
  // Not vitest's, which is misled by fields named "constructor".
  deepStrictEqual(back, values);
  expect(back.map(shapeOf)).toEqual(values.map(shapeOf));
}

describe('a run of records', () => {
  it('comes back as it was, whatever plain data it holds', () => {
    fc.assert(fc.property(fc.array(plainValues, { minLength: 1, maxLength: 30 }), expectSame), { numRuns: 300 });
  });

  it('comes back as it was when its records are of a few shapes', () => {
    const record = fc.oneof(
      fc.record({ id: fc.integer(), name: fc.string({ unit: 'binary' }), at: fc.double(), flag: fc.boolean() }, { noNullPrototype: true }),
      fc.record(
        { id: fc.oneof(fc.integer(), fc.string()), tags: fc.array(fc.string(), { maxLength: 3 }), inner: plainValues },
        { noNullPrototype: true },
      ),
      fc.record(
        { a: fc.integer(), b: fc.option(fc.bigInt(), { nil: undefined }), c: fc.date() },
        { requiredKeys: ['a'], noNullPrototype: true },
      ),
    );
    fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), expectSame), { numRuns: 200 });
  });

  it('keeps what is easily lost', () => {
    expectSame([-0, 0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), 0.1]);
    expectSame([0, 255, 256]);
    expectSame([-5, 2 ** 32 - 6]);
    expectSame([1_000_000_000_000, 1_000_000_000_000 + 2 ** 32]);
    expectSame([{ a: 1, b: undefined }, { a: undefined }, { b: 1, a: 1 }, { a: 1, b: 1 }, {}]);
    expectSame([{ nested: { a: undefined } }, { nested: { a: undefined, b: 1 } }, { nested: null }]);
    expectSame([[undefined, null], [], [[]], [{}]]);
    expectSame([new Date(Number.NaN), new Date(-1), new Date(8.64e15)]);
    expectSame([1, '1', 1n, true, null, new Uint8Array([1]), new Uint8Array(0)]);
    expectSame(['\ud800', 'ab', '\udc00', '\ufeff', '']);
    expectSame(['\ufeffa', 'b']);
    expectSame([{ '10': 'a', '9': 'b', 'quote\'"\\': 1, 'line\n\u2028': 2, constructor: 3 }]);
    expectSame(Array.from({ length: 1000 }, (_, i) => `airport ${i % 7}`));
    expectSame(Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? i : `text ${i}`)));
    expectSame([null, null]);
    expectSame([undefined]);
  });

  it('keeps timestamps, keys, key groups and where the watermark rose', () => {
    const whole = fc.record({ value: plainValues, timestamp: fc.double(), key: keys, keyGroup: fc.integer({ min: 0, max: 32767 }) });
    fc.assert(
      fc.property(
        fc.array(whole, { minLength: 1, maxLength: 50 }),
        fc.array(fc.tuple(fc.nat(50), fc.integer()), { maxLength: 10 }),
        (records, rises) => {
          const run = runOf(
            records.map(({ value }) => value),
            {
              timestamps: records.map(({ timestamp }) => timestamp),
              keys: records.map(({ key }) => key),
              keyGroups: records.map(({ keyGroup }) => keyGroup),
              risesAt: rises.map(([at]) => at),
              risesTo: rises.map(([, to]) => to),
            },
          );
          const back = decodeRun(encodeRun(run));
          const plain = {
            ...back,
            values: [...back.values],
            timestamps: Array.from(back.timestamps!),
            keyGroups: Array.from(back.keyGroups!),
          };
          deepStrictEqual(plain, run);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes much less room than its JSON when its records are alike', () => {
    const values = Array.from({ length: 5000 }, (_, i) => ({
      origin: `A${i % 50}`,
      delay: (i * 37) % 100,
      at: 978_307_200_000 + i * 60_000,
    }));
    expect(encodeRun(runOf(values)).byteLength).toBeLessThan(JSON.stringify(values).length / 5);
  });

  it('refuses what is not plain data, saying what it is', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const [value, found] of [
      [new Map(), 'instance of Map'],
      [{ a: [() => 1] }, 'a function'],
      [{ when: Symbol('now') }, 'a symbol'],
      [JSON.parse('{"__proto__": 1}'), '__proto__'],
      [cycle, 'nested deeper'],
    ] as const) {
      expect(() => encodeRun(runOf([value]))).toThrow(
        expect.objectContaining({ code: 'VALUE_NOT_PLAIN', domain: 'program', message: expect.stringContaining(found) }),
      );
    }
  });

  it('is refused when any byte of it has changed or is missing', () => {
    const bytes = encodeRun(runOf(Array.from({ length: 300 }, (_, i) => ({ id: i, name: `n${i % 5}` }))));
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ change;
        expect(() => decodeRun(changed)).toThrow(expect.objectContaining({ code: 'EXCHANGE_CORRUPT' }));
      }),
    );
    for (const length of [0, 3, 15, 16, bytes.byteLength - 1]) {
      expect(() => decodeRun(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'EXCHANGE_CORRUPT' }));
    }
  });
});
