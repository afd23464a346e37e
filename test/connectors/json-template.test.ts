// Would catch: a line that the compiled reader takes for what JSON.parse would not, in value, in the order of fields or as
// an error; and one that looks alike but isn't JSON.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonScalars, unread } from '../../src/connectors/files/json-scalars.ts';
import { jsonTemplate } from '../../src/connectors/files/json-template.ts';
import { TemplatedLines } from '../../src/connectors/files/templated-lines.ts';

function readBy(line: string, text: string): unknown {
  const template = jsonTemplate(line, JSON.parse(line));
  return template === undefined ? unread : template.read(new JsonScalars(Buffer.from(text)));
}

/** What is read is what JSON.parse says, to the order of fields; gives whether it was read at all. */
function agrees(line: string, text: string): boolean {
  const value = readBy(line, text);
  if (value === unread) return false;
  const expected = JSON.parse(text) as object;
  deepStrictEqual(value, expected);
  expect(Object.keys(value as object)).toEqual(Object.keys(expected));
  return true;
}

const scalar = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -999_999_999, max: 999_999_999 }).map((cents) => cents / 100),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.constant(null),
);
const field = fc.oneof(fc.string(), fc.constantFrom('a', 'b', '7', '12', '__proto__', 'constructor', 'quo"te', 'ü'));
const objectOf = (value: fc.Arbitrary<unknown>) =>
  fc.uniqueArray(field, { maxLength: 8 }).chain((fields) => {
    const one = fc.tuple(...fields.map(() => value));
    return fc.tuple(one, one).map((both) => both.map((values) => textOf(fields, values)));
  });
const textOf = (fields: readonly string[], values: readonly unknown[]): string =>
  `{${fields.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(values[i])}`).join(',')}}`;

describe('lines read by the look of another', () => {
  test('hold what JSON.parse says, or are left to it', () => {
    fc.assert(
      fc.property(objectOf(scalar), ([line, text]) => {
        agrees(line!, text!);
        agrees(line!, line!);
      }),
      { seed: 20261125, numRuns: 2_000 },
    );
  });

  test('are read with any numbers, short strings and words', () => {
    const line = '{ "a": 1, "b" : "x" ,"c":true}';
    for (const [a, b, c] of [
      ['0', '""', 'null'],
      ['-0', '"y z"', 'false'],
      ['123456789012345', '"exactly 12 c"', '1'],
      ['0.1', '"thirteen char"', '"t"'],
      ['-12345678.9012345', '"/"', '0'],
      ['0.000001', '"\u007f"', '9'],
    ])
      expect(agrees(line, `{ "a": ${a}, "b" : ${b} ,"c":${c}}`)).toBe(true);
  });

  test('are read with numbers of every length, whatever follows them and wherever the bytes end', () => {
    const digits = '9081726354918273';
    for (let length = 1; length <= 15; length++) {
      for (let places = 0; places <= length; places++) {
        const whole = digits.slice(0, Math.max(1, length - places));
        const number = places === 0 ? whole : `${whole}.${digits.slice(length - places, length)}`;
        for (const sign of ['', '-'])
          for (const follows of ['', ',', '}', '/', ':', ' ', '\u00ff', '0x', ';;;;;;;;']) {
            const scalars = new JsonScalars(Buffer.from(`${sign}${number}${follows}`, 'latin1'));
            const read = follows === '0x' ? `${number}0` : number;
            const isTooLong = read.replace('.', '').length > 15;
            expect(scalars.next()).toBe(isTooLong ? unread : Number(`${sign}${read}`));
            if (!isTooLong) expect(scalars.at).toBe(sign.length + read.length);
          }
      }
    }
  });

  test('are left unread when they are no JSON, or take more care', () => {
    const line = '{"a":1,"b":2}';
    for (const text of [
      '{"a":01,"b":2}',
      '{"a":-,"b":2}',
      '{"a":1.,"b":2}',
      '{"a":.5,"b":2}',
      '{"a":+1,"b":2}',
      '{"a":1e3,"b":2}',
      '{"a":1234567890123456,"b":2}',
      '{"a":1,"b":2',
      '{"a":1,"b":',
      '{"a":1',
      '{"a":tru,"b":2}',
      '{"a":truE,"b":2}',
      '{"a":"x,"b":2}',
      '{"a":"\t","b":2}',
      '{"a":"\\n","b":2}',
      '{"a":"ü","b":2}',
      '{"a":[1],"b":2}',
      '{"a":{},"b":2}',
      '{"b":1,"a":2}',
      '{"a":1,"c":2}',
      '{"a":1, "b":2}',
      '',
    ])
      expect(readBy(line, text)).toBe(unread);
  });

  test('take no look from what is no object of scalars, or repeats a field', () => {
    for (const line of ['[1]', '1', 'null', '{}', '{"a":[1]}', '{"a":{"b":1}}', '{"a":1,"a":2}', '{"__proto__":1}', '{"\\u0061":1}'])
      expect(jsonTemplate(line, JSON.parse(line))).toBeUndefined();
  });

  test('must end as lines do', () => {
    const lines = new TemplatedLines();
    lines.learn('{"a":1}', { a: 1 });
    const whole = (text: string, atFileEnd: boolean) => [lines.read(Buffer.from(text), 0, atFileEnd), lines.after];
    expect(whole('{"a":2}\n{"a":3}\n', false)).toEqual([{ a: 2 }, 8]);
    expect(whole('{"a":2}\r\n', false)).toEqual([{ a: 2 }, 9]);
    expect(whole('{"a":2}', true)).toEqual([{ a: 2 }, 7]);
    for (const text of ['{"a":2}', '{"a":2} \n', '{"a":2}{"a":3}\n', '{"a":2}\r']) expect(whole(text, false)[0]).toBe(unread);
  });

  test('are tried no more when most look different', () => {
    const lines = new TemplatedLines();
    lines.learn('{"a":1}', { a: 1 });
    const other = Buffer.from('{"b":1}\n');
    for (let i = 0; i < 100; i++) expect(lines.read(other, 0, true)).toBe(unread);
    expect(lines.read(Buffer.from('{"a":1}\n'), 0, true)).toBe(unread);
  });
});
