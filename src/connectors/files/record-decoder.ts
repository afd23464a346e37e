import type { StandardSchemaV1 } from '@standard-schema/spec';
import { messageOf, WeirError } from '../../base/errors.ts';
import { csvCells } from './csv-cells.ts';
import type { FileFormat } from './file-split.ts';
import { MalformedRecord, preview } from './malformed-record.ts';

const issuesShownMax = 3;

/** Thrown by decoders when the schema answers with a promise. Zod does so also where a check of the schema throws. */
export class PromisedResult extends Error {
  readonly text: string;
  readonly promise: Promise<unknown>;

  constructor(text: string, promise: Promise<unknown>) {
    super('The schema answered with a promise.');
    this.text = text;
    this.promise = promise;
    promise.catch(() => undefined);
  }

  /** What is really wrong with the schema. */
  async explained(): Promise<WeirError> {
    try {
      await this.promise;
    } catch (cause) {
      return threw(this.text, cause);
    }
    return new WeirError({
      code: 'ASYNC_SCHEMA',
      domain: 'program',
      message: 'The schema of a file source checks asynchronously; records are read synchronously.',
      advice: 'Leave asynchronous checks and transforms out of the schema, and look things up in an operator.',
    });
  }
}

/** Makes records. Throws MalformedRecord or PromisedResult. */
export interface RecordDecoder<T> {
  /** Of its text. */
  decode(text: string): T;
  /** Of formats of JSON, in two steps: what the text holds, and the record as the schema has it. `text` is for messages. */
  readonly json?: { parse(text: string): unknown; accept(value: unknown, text: () => string): T };
}

/** `columns` is empty for formats other than CSV. */
export type DecoderFactory<T> = (format: FileFormat, columns: readonly string[]) => RecordDecoder<T>;

/** Values of JSON formats, rows of CSV as objects of strings; both as the schema has them. */
export function createDecoder<T>(format: FileFormat, schema: StandardSchemaV1<unknown, T>, columns: readonly string[]): RecordDecoder<T> {
  const { validate } = schema['~standard'];
  const accept = (value: unknown, text: () => string): T => {
    let result: ReturnType<typeof validate>;
    try {
      result = validate(value);
    } catch (cause) {
      throw threw(text(), cause);
    }
    if (result instanceof Promise) throw new PromisedResult(text(), result);
    if (result.issues !== undefined)
      throw new MalformedRecord('a record that fits the schema', `${preview(text())}: ${issuesOf(result.issues)}`);
    return result.value;
  };
  if (format === 'csv') return { decode: (text) => accept(parseRow(text, columns), () => text) };
  return { decode: (text) => accept(parseJson(text), () => text), json: { parse: parseJson, accept } };
}

/** The names of the columns, from the first row of a CSV file. Throws MalformedRecord. */
export function csvColumns(row: string): readonly string[] {
  const cells = csvCells(row);
  const columns = cells?.map((cell) => cell.trim());
  const bad = columns?.findIndex((column, index) => column === '' || column === '__proto__' || columns.indexOf(column) !== index);
  if (columns === undefined || bad !== -1) throw new MalformedRecord('a header: a name for each column, none twice', preview(row));
  return columns;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedRecord('one JSON value', `${preview(text)} (${messageOf(cause)})`, cause);
  }
}

function parseRow(text: string, columns: readonly string[]): unknown {
  const cells = csvCells(text);
  if (cells === undefined) throw new MalformedRecord('a comma or the end of the row after a closing quote', preview(text));
  if (cells.length !== columns.length)
    throw new MalformedRecord(`${columns.length} cells, as in the header`, `${cells.length} in ${preview(text)}`);
  const row: Record<string, string> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = cells[i]!;
  return row;
}

function issuesOf(issues: readonly StandardSchemaV1.Issue[]): string {
  const shown = issues.slice(0, issuesShownMax).map(({ path, message }) => {
    const field = path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    return field === undefined || field === '' ? message : `${field}: ${message}`;
  });
  const more = issues.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function threw(text: string, cause: unknown): WeirError {
  return new WeirError({
    code: 'SCHEMA_THREW',
    domain: 'program',
    message: `The schema threw on ${preview(text)}, where it should have reported an issue: ${messageOf(cause)}`,
    advice: 'Let checks and transforms of the schema report issues instead of throwing.',
    cause,
  });
}
