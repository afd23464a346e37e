/**
 * Positions: whatever the format, the chunks, the budgets and the splits, and wherever a fresh reader takes over, the
 * records are the same. Would catch records lost or doubled at chunk and split borders, and characters cut in two.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryObjects, noClock, seededNumbers } from './memory-objects.ts';
import { readSplit, recordsOf, splitsOf } from './read-all.ts';

const uri = 's3://bucket/input';
const text = fc.string({ unit: 'binary', maxLength: 12 });
const options = { numRuns: 300, seed: 20010101 };

interface Sample {
  readonly extension: string;
  readonly content: string;
  readonly values: readonly unknown[];
}

const lineEnd = fc.constantFrom('\n', '\r\n');
const byteOrderMark = fc.constantFrom('', '', '\ufeff');

const ndjson = fc
  .record({
    values: fc.array(fc.jsonValue({ depthSize: 'small' })),
    end: lineEnd,
    mark: byteOrderMark,
    blank: fc.constantFrom('', '\n', ' \r\n'),
    last: fc.boolean(),
  })
  .map(({ values, end, mark, blank, last }): Sample => {
    const content = mark + blank + values.map((value) => JSON.stringify(value)).join(end + blank) + (last ? end + blank : '');
    return { extension: 'ndjson', content, values };
  });

const jsonArray = fc
  .record({
    values: fc.array(fc.jsonValue({ depthSize: 'small' })),
    indent: fc.constantFrom('', ' ', '\r\n\t'),
    mark: byteOrderMark,
    after: fc.constantFrom('', '\n', '  \n'),
  })
  .map(({ values, indent, mark, after }): Sample => {
    const elements = values.map((value) => `${indent}${JSON.stringify(value, null, indent === '' ? 0 : 1)}${indent}`);
    return { extension: 'json', content: `${mark}${indent}[${indent}${elements.join(',')}]${after}`, values };
  });

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const csv = fc
  .record({ rows: fc.array(fc.tuple(text, text, text)), end: lineEnd, mark: byteOrderMark, quotesAll: fc.boolean(), last: fc.boolean() })
  .map(({ rows, end, mark, quotesAll, last }): Sample => {
    const cell = (value: string) => (quotesAll || /^"|[,\r\n]/.test(value) ? quoted(value) : value);
    const lines = ['first,"second ""one""",third', ...rows.map((row) => row.map(cell).join(','))];
    const values = rows.map(([first, second, third]) => ({ first, 'second "one"': second, third }));
    return { extension: 'csv', content: mark + lines.join(end) + (last ? end : ''), values };
  });

const lines = fc
  .record({ values: fc.array(text.map((line) => line.replaceAll(/[\r\n]/g, ''))), end: lineEnd, mark: byteOrderMark, last: fc.boolean() })
  .map(({ values, end, mark, last }): Sample => {
    const endsOpen = !last && values.at(-1) !== '';
    const content = values.map((line) => line + end).join('');
    return { extension: 'lines', content: mark + (endsOpen && values.length > 0 ? content.slice(0, -end.length) : content), values };
  });

describe.each([
  ['NDJSON', ndjson],
  ['JSON arrays', jsonArray],
  ['CSV', csv],
  ['text lines', lines],
])('%s', (_, samples) => {
  it('gives the same records with any chunks, budgets and splits, and readers that take over anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        samples.filter(({ content }) => content !== '' && content !== '\ufeff'),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer(),
        async ({ extension, content, values }, chunkBytes, splitBytes, seed) => {
          const file = `${uri}.${extension}`;
          const objects = memoryObjects({ [file]: content });
          const limits = { chunkBytes, splitBytesMin: splitBytes, splitBytesMax: splitBytes };
          const source = recordsOf(file, extension === 'lines' ? { format: 'lines' } : {}, limits);
          const below = seededNumbers(seed);
          const read: unknown[] = [];
          const kept = source.createReader({ objects, clock: noClock });
          for (const { split } of await splitsOf(source, objects, 3)) {
            const reader = () => (below(2) === 0 ? kept : source.createReader({ objects, clock: noClock }));
            const { records } = await readSplit(split, { reader, budget: () => ({ records: 1 + below(3), bytes: below(30) }) });
            read.push(...records);
          }
          const found = read as { readonly value: unknown; readonly at: string }[];
          expect(JSON.stringify(found.map(({ value }) => value))).toBe(JSON.stringify(values));
          const bytes = Buffer.from(content);
          for (const { value, at } of found) {
            const [, byte] = /, byte (\d+)$/.exec(at) ?? [];
            if (extension === 'ndjson')
              expect(bytes.subarray(Number(byte)).toString()).toSatisfy((rest: string) => rest.startsWith(JSON.stringify(value)));
          }
        },
      ),
      options,
    );
  });
});

describe('splits', () => {
  it('own each line of many-byte characters exactly once, wherever they are cut', async () => {
    const content = 'äöü\n\n漢字かな\n🙂🙃\r\nplain\n';
    const file = 'file:///in/text.txt';
    const objects = memoryObjects({ [file]: content });
    for (let splitBytes = 1; splitBytes <= Buffer.byteLength(content); splitBytes++) {
      const source = recordsOf(file, { format: 'lines' }, { splitBytesMin: splitBytes, splitBytesMax: splitBytes, chunkBytes: 2 });
      const read: unknown[] = [];
      for (const { split } of await splitsOf(source, objects, 2)) {
        const reader = source.createReader({ objects, clock: noClock });
        read.push(
          ...(await readSplit(split, { reader: () => reader, budget: () => ({ records: 2, bytes: 5 }) })).records.map(({ value }) => value),
        );
      }
      expect(read).toEqual(['äöü', '', '漢字かな', '🙂🙃', 'plain']);
    }
  });

  it('of a file with a byte order mark can be begun twice', async () => {
    for (const [name, content] of [
      ['a.json', '\ufeff[1,2]'],
      ['a.ndjson', '\ufeff1\n2\n'],
      ['a.csv', '\ufeffa\n1\n2\n'],
    ] as const) {
      const file = `s3://bucket/${name}`;
      const objects = memoryObjects({ [file]: content });
      const source = recordsOf(file);
      const [first] = await splitsOf(source, objects, 1);
      const reader = source.createReader({ objects, clock: noClock });
      const nothing = await reader.read(first!.split, 0, { records: 0, bytes: 0 });
      expect(nothing).toMatchObject({ records: [], skipped: 0, endOfSplit: false });
      const rest = await reader.read(first!.split, nothing.position, { records: 9, bytes: 99 });
      expect(rest.records).toHaveLength(2);
    }
  });

  it('stop at the call’s deadline and lose nothing', async () => {
    const file = 's3://bucket/a.ndjson';
    const objects = memoryObjects({ [file]: '1\n2\n' });
    const source = recordsOf(file);
    const [first] = await splitsOf(source, objects, 1);
    const batch = await source
      .createReader({ objects, clock: noClock })
      .read(first!.split, 0, { records: 9, bytes: 9, signal: AbortSignal.abort() });
    expect(batch).toMatchObject({ records: [], position: 0, endOfSplit: false, backlog: true });
  });
});
