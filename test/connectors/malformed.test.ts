/** What is wrong in the input: told with file, byte and line, or skipped and counted, and never read as something else. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WeirError } from '../../src/base/errors.ts';
import { memoryObjects, noClock } from './memory-objects.ts';
import { readAll, readSplit, recordsOf, splitsOf } from './read-all.ts';

const row = z.object({ a: z.coerce.number() });

async function failureOf(
  name: string,
  content: string | Uint8Array,
  options: Parameters<typeof recordsOf>[1] = {},
  limits = {},
): Promise<WeirError> {
  const uri = `s3://bucket/${name}`;
  try {
    await readAll(recordsOf(uri, options, limits), memoryObjects({ [uri]: content }));
  } catch (thrown) {
    return thrown as WeirError;
  }
  throw new Error('It was read without an error.');
}

describe('a malformed record', () => {
  it.each([
    [
      'NDJSON',
      'x.ndjson',
      '{"a":1}\n\n{"a":\n{"a":3}\n',
      's3://bucket/x.ndjson, byte 9 (line 3)',
      'expected one JSON value, found "{\\"a\\":"',
    ],
    ['a JSON array', 'x.json', '[{"a":1},\n{"a":1 2},\n{"a":3}]', 's3://bucket/x.json, byte 10 (line 2)', 'expected one JSON value'],
    [
      'a value of the wrong type',
      'x.ndjson',
      '{"a":1}\n{"a":"no"}\n',
      's3://bucket/x.ndjson, byte 8 (line 2)',
      'expected a record that fits the schema, found "{\\"a\\":\\"no\\"}": a: ',
    ],
    [
      'a CSV row with a cell too few',
      'x.csv',
      'a,b\r\n1,2\r\n3\r\n',
      's3://bucket/x.csv, byte 10 (line 3)',
      'expected 2 cells, as in the header, found 1 in "3"',
    ],
    [
      'a CSV row with text behind a quote',
      'x.csv',
      'a,b\n"1"2,3\n',
      's3://bucket/x.csv, byte 4 (line 2)',
      'expected a comma or the end of the row after a closing quote',
    ],
    [
      'an element that is missing between commas',
      'x.json',
      '[{"a":1},,{"a":2}]',
      's3://bucket/x.json, byte 9 (line 1)',
      'expected one JSON value, found ""',
    ],
  ])('in %s fails the job with its place, what was expected and what was found', async (_, name, content, position, message) => {
    const error = await failureOf(name, content, { schema: row });
    expect(error).toMatchObject({ code: 'MALFORMED_RECORD', domain: 'program', subject: { position } });
    expect(error.message).toContain(position);
    expect(error.message).toContain(message);
    expect(error.advice).toContain("onMalformed: 'skip'");
  });

  it('that is long is shown in part', async () => {
    const error = await failureOf('x.ndjson', `"${'long '.repeat(10_000)}\n`);
    expect(error.message.length).toBeLessThan(600);
  });

  it.each([
    ['NDJSON', 'x.ndjson', '{"a":1}\n{"a":\n{"a":"no"}\n{"a":4}\n', 2],
    ['a JSON array', 'x.json', '[{"a":1},{"a" 2},,{"a":4}]', 2],
    ['CSV', 'x.csv', 'a\n1\nno\n"2"x\n4,5\n4\n', 3],
  ])('in %s is skipped and counted where the job says so, wherever reading goes on', async (_, name, content, skipped) => {
    const uri = `s3://bucket/${name}`;
    const objects = memoryObjects({ [uri]: content });
    const source = recordsOf(uri, { onMalformed: 'skip', schema: row });
    const [first] = await splitsOf(source, objects, 1);
    for (const records of [1, 2, 100]) {
      const reader = () => source.createReader({ objects, clock: noClock });
      const reading = await readSplit(first!.split, { reader, budget: () => ({ records, bytes: 1e6 }) });
      expect(reading.records.map(({ value }) => value)).toEqual([{ a: 1 }, { a: 4 }]);
      expect(reading.skipped).toBe(skipped);
    }
  });

  it('is one whose bytes are not UTF-8, but not one that holds the replacement character itself', async () => {
    const error = await failureOf('x.txt', Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x0a]), { format: 'lines' });
    expect(error).toMatchObject({ code: 'MALFORMED_RECORD', subject: { position: 's3://bucket/x.txt, byte 2 (line 2)' } });
    const uri = 's3://bucket/ok.txt';
    expect(await readAll(recordsOf(uri, { format: 'lines' }), memoryObjects({ [uri]: 'a\ufffdb' }))).toEqual(['a\ufffdb']);
  });
});

describe('a broken structure', () => {
  it.each([
    ['an array that does not end', 'x.json', '[{"a":1},{"a":2}', 'the rest of a JSON array'],
    ['an array cut behind a comma', 'x.json', '[{"a":1},', 'another element'],
    ['an array cut within an element', 'x.json', '[{"a":1},{"a"', 'the rest of a JSON array'],
    ['an array cut at once', 'x.json', '[', 'the rest of a JSON array'],
    ['text behind an array', 'x.json', '[{"a":1}] x', 'nothing after the closing "]"'],
    ['a quote that is never closed', 'x.csv', 'a\n1\n"2\n3\n', 'a row whose quoted cells are closed, found "\\"2\\n3\\n"'],
    ['a header with a name twice', 'x.csv', 'a,a\n1,2\n', 'a header: a name for each column, none twice'],
    ['a header with a column without a name', 'x.csv', 'a,\n1,2\n', 'a header'],
  ])('such as %s fails the job even where malformed records are skipped', async (_, name, content, expected) => {
    const error = await failureOf(name, content, { onMalformed: 'skip', schema: row });
    expect(error).toMatchObject({ code: 'MALFORMED_FILE', domain: 'program' });
    expect(error.message).toContain(`expected ${expected}`);
  });

  it('is no comma before the end of an array, no empty array, and no CSV file with only a header', async () => {
    const read = async (name: string, content: string) =>
      readAll(recordsOf(`s3://bucket/${name}`), memoryObjects({ [`s3://bucket/${name}`]: content }));
    expect(await read('x.json', '[1,2, ]')).toEqual([1, 2]);
    expect(await read('x.json', ' [ ] ')).toEqual([]);
    expect(await read('x.csv', 'a,b')).toEqual([]);
    expect(await read('x.csv', '\n \n')).toEqual([]);
    expect(await read('x.ndjson', ' \n\n')).toEqual([]);
  });

  it.each(['x.ndjson', 'x.json', 'x.csv', 'x.txt'])(
    'such as a record beyond all bounds in %s fails the job instead of filling its memory',
    async (name) => {
      const content = name === 'x.json' ? `[1, "${'a'.repeat(5000)}"]` : `"1"\n"${'a'.repeat(5000)}"\n`;
      const format = name === 'x.txt' ? { format: 'lines' as const } : {};
      const error = await failureOf(name, content, format, { chunkBytes: 16, recordBytesMax: 1000 });
      expect(error).toMatchObject({ code: 'RECORD_TOO_LONG', domain: 'program' });
      expect(error.subject.position).toMatch(/byte [34]$/);
    },
  );
});

describe('a schema', () => {
  it('that is asynchronous is refused by name', async () => {
    const schema = z.object({ a: z.number().refine(async () => true) });
    expect(await failureOf('x.ndjson', '{"a":1}\n', { schema })).toMatchObject({ code: 'ASYNC_SCHEMA', domain: 'program' });
  });

  it('that throws is told apart from a malformed record', async () => {
    const schema = z.object({ a: z.number() }).transform(() => {
      throw new Error('on purpose');
    });
    const error = await failureOf('x.ndjson', '{"a":1}\n', { schema, onMalformed: 'skip' });
    expect(error).toMatchObject({ code: 'SCHEMA_THREW', domain: 'program', subject: { position: 's3://bucket/x.ndjson, byte 0' } });
    expect(error.cause).toMatchObject({ message: 'on purpose' });
  });
});

describe('an input file', () => {
  it('that changes while it is read is an error, not other records', async () => {
    const uri = 's3://bucket/x.ndjson';
    const objects = memoryObjects({ [uri]: '1\n2\n3\n' });
    const source = recordsOf(uri, {}, { chunkBytes: 2 });
    const [first] = await splitsOf(source, objects, 1);
    objects.map.set(uri, Buffer.from('1\n'));
    const read = source.createReader({ objects, clock: noClock }).read(first!.split, 0, { records: 9, bytes: 100 });
    await expect(read).rejects.toMatchObject({ code: 'INPUT_CHANGED', domain: 'external' });
  });
});
