/**
 * Writes a JSON array of flat records in another format, to try the job with.
 *
 *   node examples/flight-delays/convert.ts flights-20k.json flights-20k.csv
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

type FlatRecord = Readonly<Record<string, string | number>>;

/** Fields as the input has them, or in reverse: readers must not care. The format follows the output's extension. */
export function convert(inputFile: string, outputFile: string, fields: 'as they are' | 'reversed' = 'as they are'): void {
  const read: readonly FlatRecord[] = JSON.parse(readFileSync(inputFile, 'utf8'));
  const records = fields === 'as they are' ? read : read.map((record) => Object.fromEntries(Object.entries(record).reverse()));
  writeFileSync(outputFile, textOf(records, extname(outputFile).toLowerCase()));
}

function textOf(records: readonly FlatRecord[], extension: string): string {
  switch (extension) {
    case '.ndjson':
      return records.map((record) => `${JSON.stringify(record)}\n`).join('');
    case '.csv': {
      const columns = Object.keys(records[0] ?? {});
      const rows = records.map((record) => columns.map((column) => csvCell(String(record[column] ?? ''))).join(','));
      return `${[columns.map(csvCell).join(','), ...rows].join('\r\n')}\r\n`;
    }
    case '.json':
      return JSON.stringify(records, undefined, 1);
    default:
      throw new Error(`The output should end in .ndjson, .csv or .json; found "${extension}".`);
  }
}

const csvCell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [input, output] = process.argv.slice(2);
  if (input === undefined || output === undefined) {
    console.error('Usage: node examples/flight-delays/convert.ts <flights.json> <output.ndjson|.csv|.json>');
    process.exitCode = 2;
  } else {
    convert(input, output);
  }
}
