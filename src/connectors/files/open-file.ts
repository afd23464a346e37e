import { type Buffer, isUtf8 } from 'node:buffer';
import { WeirError } from '../../base/errors.ts';
import type { ByteWindow } from './byte-window.ts';
import { CsvScanner } from './csv-scanner.ts';
import type { FileLimits } from './file-limits.ts';
import type { FileFormat, FileSplit } from './file-split.ts';
import { JsonArrayScanner } from './json-array-scanner.ts';
import { LineScanner } from './line-scanner.ts';
import { MalformedRecord, placeOf, preview } from './malformed-record.ts';
import { csvColumns, type DecoderFactory, type RecordDecoder } from './record-decoder.ts';
import { byteOrderMarkLength, type RecordScanner } from './record-scanner.ts';
import { TemplatedLines } from './templated-lines.ts';

/** What reading from one file takes, whichever of its splits. */
export interface OpenFile<T> {
  readonly uri: string;
  readonly scanner: RecordScanner;
  readonly decoder: RecordDecoder<T>;
  /** Of files of JSON lines. */
  readonly lines: TemplatedLines | undefined;
  /** Where the first record can begin: behind a byte order mark, and behind the header of a CSV file. */
  readonly dataStart: number;
}

const replacementCharacter = '\ufffd';

/** Looks at the head of a split's file. Throws MalformedRecord, at byte 0, if a CSV file has no usable header. */
export async function openFile<T>(
  split: FileSplit,
  window: ByteWindow,
  limits: FileLimits,
  createDecoder: DecoderFactory<T>,
): Promise<OpenFile<T>> {
  const { uri, format } = split;
  const scanner = createScanner(format);
  const textStart = byteOrderMarkLength(await window.at(split, 0, 3));
  if (format !== 'csv') {
    const lines = format === 'ndjson' ? new TemplatedLines() : undefined;
    return { uri, scanner, decoder: createDecoder(format, []), lines, dataStart: textStart };
  }
  const place = (bytes: Buffer) => ({ atFileStart: true, atFileEnd: textStart + bytes.byteLength === split.fileBytes });
  let bytes = await window.at(split, textStart, 1);
  let outcome = scanner.next(bytes, 0, place(bytes));
  while (outcome === 'more') {
    if (bytes.byteLength > limits.recordBytesMax) throw tooLong(uri, textStart, limits);
    bytes = await window.at(split, textStart, bytes.byteLength * 2);
    outcome = scanner.next(bytes, 0, place(bytes));
  }
  const columns = outcome === 'found' ? csvColumns(textOf(bytes, scanner.start, scanner.end)) : [];
  return { uri, scanner, decoder: createDecoder(format, columns), lines: undefined, dataStart: textStart + scanner.after };
}

/** Throws MalformedRecord for bytes that are not UTF-8; looks twice only at text that may come from such. */
export function textOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (text.includes(replacementCharacter) && !isUtf8(bytes.subarray(start, end))) throw new MalformedRecord('text in UTF-8', preview(text));
  return text;
}

export function tooLong(uri: string, byte: number, limits: FileLimits): WeirError {
  return new WeirError({
    code: 'RECORD_TOO_LONG',
    domain: 'program',
    message: `The record at ${placeOf(uri, byte)} is too long: expected at most ${limits.recordBytesMax} bytes, found no end within them.`,
    advice: 'Cut such records before they get here, or name the real format of the file with the option format.',
    subject: { position: placeOf(uri, byte) },
  });
}

function createScanner(format: FileFormat): RecordScanner {
  switch (format) {
    case 'lines':
      return new LineScanner(false);
    case 'ndjson':
      return new LineScanner(true);
    case 'jsonArray':
      return new JsonArrayScanner();
    case 'csv':
      return new CsvScanner();
  }
}
