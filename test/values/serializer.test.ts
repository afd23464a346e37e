// State must come back exactly as it went in, also by another reader of MessagePack; what can't must be refused.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { unpack } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeValue, decodeValues, encodeValue, readValues, ValueWriter } from '../../src/values/serializer.ts';
import { plainValues } from './arbitrary-values.ts';

describe('the serializer', () => {
  it('gives every plain value back exactly', () => {
    fc.assert(
      fc.property(plainValues, (value) => isDeepStrictEqual(decodeValue(encodeValue(value)), value)),
      { seed: 13, numRuns: 1500 },
    );
  });

  it('writes what any reader of MessagePack understands', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(unpack(encodeValue(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 17 },
    );
    expect(Buffer.from(encodeValue({ a: [1, -1, 300, 'é', true, null] })).toString('hex')).toBe('81a1619601ffcd012ca2c3a9c3c0');
  });

  it.each([
    0,
    -0,
    2 ** 31,
    2 ** 32,
    -(2 ** 31) - 1,
    2 ** 53 - 1,
    1.1,
    5e-324,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    2n ** 64n,
    -(2n ** 63n) - 1n,
  ])('keeps %s', (value) => {
    expect(Object.is(decodeValue(encodeValue(value)), value)).toBe(true);
  });

  it.each([0, 1, -1, 999, 1_000_000_000_000, 17_179_869_184_000, -62_135_596_800_000, 8.64e15, -8.64e15])(
    'keeps the date %d ms',
    (time) => {
      expect(decodeValue(encodeValue(new Date(time)))).toStrictEqual(new Date(time));
    },
  );

  it('writes dates as the timestamp extension', () => {
    expect(Buffer.from(encodeValue(new Date(1000))).toString('hex')).toBe('d6ff00000001');
  });

  it('leaves undefined fields out, whatever the size of the object', () => {
    for (const count of [1, 15, 16, 17, 300]) {
      const whole = Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
      expect(decodeValue(encodeValue({ before: undefined, ...whole, after: undefined }))).toStrictEqual(whole);
    }
  });

  it('keeps long lists, long objects and long strings', () => {
    const lengths = [15, 16, 255, 256, 65_535, 65_536];
    for (const length of lengths) {
      const list = Array.from({ length }, (_, i) => i);
      expect(decodeValue(encodeValue(list))).toStrictEqual(list);
      const text = 'ü'.repeat(length);
      expect(decodeValue(encodeValue(text))).toBe(text);
      expect(decodeValue(encodeValue(new Uint8Array(length).fill(7)))).toStrictEqual(new Uint8Array(length).fill(7));
    }
    const fields = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`f${i}`, i]));
    expect(decodeValue(encodeValue(fields))).toStrictEqual(fields);
  });

  it('gives byte arrays back as plain byte arrays that stand on their own', () => {
    const encoded = Buffer.from(encodeValue({ bytes: Buffer.from('abc') }));
    const { bytes } = decodeValue(encoded) as { bytes: Uint8Array };
    encoded.fill(0);
    expect(bytes).toStrictEqual(new Uint8Array([97, 98, 99]));
    expect(bytes.constructor).toBe(Uint8Array);
  });

  class Money {
    readonly cents = 1;
  }
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each<[unknown, string]>([
    [undefined, 'the value is undefined'],
    [{ f: () => 1 }, 'field "f" is a function'],
    [[{ total: new Money() }], 'field "[0].total" is an instance of Money'],
    [{ a: new Map() }, 'field "a" is an instance of Map'],
    [{ a: [new Set()] }, 'field "a[0]" is an instance of Set'],
    [[1, undefined], 'field "[1]" is undefined'],
    [Symbol('s'), 'the value is a symbol'],
    [new Date(Number.NaN), 'the value is an invalid date'],
    [{ a: 'x\ud800' }, 'field "a" is a string with half of a surrogate pair'],
    [new Float64Array(2), 'an instance of Float64Array'],
    [JSON.parse('{"a": {"__proto__": 1}}'), 'field "a" is an object with a field named "__proto__"'],
    [cycle, 'contains itself'],
  ])('refuses %o by its path', (value, text) => {
    expect(() => encodeValue(value)).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_PLAIN', domain: 'program', message: expect.stringContaining(text) }),
    );
  });

  it('refuses bytes that are cut short or go on', () => {
    const bytes = encodeValue({ a: 'some text', b: [1, 2, 3] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeValue(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    }
    expect(() => decodeValue(new Uint8Array([...bytes, 1]))).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
  });
});

describe('values back to back', () => {
  it('are read in order with their offsets, whole or from the middle', () => {
    fc.assert(
      fc.property(fc.array(plainValues, { maxLength: 30 }), (values) => {
        const writer = new ValueWriter(1);
        const offsets = values.map((value) => writer.write(value));
        const bytes = writer.copy();
        const seen: [unknown, number, number][] = [];
        readValues(bytes, (value, start, end) => seen.push([value, start, end]));
        expect(
          isDeepStrictEqual(
            seen,
            values.map((value, i) => [value, offsets[i], offsets[i + 1] ?? bytes.length]),
          ),
        ).toBe(true);
        const middle = offsets.length >> 1;
        expect(isDeepStrictEqual(decodeValues(bytes, offsets[middle] ?? 0), values.slice(middle))).toBe(true);
        for (const [value, start, end] of seen) expect(isDeepStrictEqual(decodeValue(bytes.subarray(start, end)), value)).toBe(true);
      }),
      { seed: 19 },
    );
  });

  it('can be left early, and errors of the caller come through as they are', () => {
    const writer = new ValueWriter();
    for (let i = 0; i < 5; i++) writer.write(i);
    const seen: unknown[] = [];
    readValues(writer.view(), (value) => seen.push(value) < 3);
    expect(seen).toEqual([0, 1, 2]);
    const error = new Error('mine');
    expect(() =>
      readValues(writer.view(), () => {
        throw error;
      }),
    ).toThrow(error);
    expect(decodeValue(encodeValue(1))).toBe(1);
  });

  it('stay as they were when a value is refused half-way', () => {
    const writer = new ValueWriter(4);
    writer.write('a');
    const offset = writer.offset;
    expect(() => writer.write([1, 'a long string that makes the buffer grow', () => 1])).toThrow();
    expect(writer.offset).toBe(offset);
    writer.writeRaw(encodeValue('b'));
    expect(decodeValues(writer.view())).toEqual(['a', 'b']);
    writer.reset();
    writer.write('c');
    expect(decodeValues(writer.view())).toEqual(['c']);
  });
});
