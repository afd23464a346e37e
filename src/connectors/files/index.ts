import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Sink } from '../../stream/sink.ts';
import type { Source } from '../../stream/source.ts';
import type { RecordFormat } from './file-format.ts';
import { type FileInput, type FileSourceOptions, fileSource } from './file-source.ts';
import { ndjsonSink } from './ndjson-sink.ts';
import { createDecoder } from './record-decoder.ts';

export type { RecordFormat } from './file-format.ts';
export type { FileInput, FileSourceOptions } from './file-source.ts';

export interface FileRecordOptions extends FileSourceOptions {
  /** Of all files; by their extensions if left out: .ndjson, .jsonl, .json, .csv. */
  readonly format?: RecordFormat | undefined;
}

/** Files, on the local disk or in S3, as source and as sink. */
export const files = {
  /**
   * The records of NDJSON, JSON array and CSV files (with a header), in any mixture. `schema` types and checks them, and
   * converts what should be other than it stands there: cells of CSV are strings.
   *
   * ```ts
   * env.fromSource(files.records('s3://bucket/flights/', Flight, { onMalformed: 'skip' })).uid('flights')
   * ```
   */
  records<Schema extends StandardSchemaV1>(
    input: FileInput,
    schema: Schema,
    options: FileRecordOptions = {},
  ): Source<StandardSchemaV1.InferOutput<Schema>> {
    type Record = StandardSchemaV1.InferOutput<Schema>;
    const typed = schema as unknown as StandardSchemaV1<unknown, Record>;
    return fileSource<Record>({
      name: 'files.records',
      input,
      options,
      format: options.format,
      createDecoder: (format, columns) => createDecoder(format, typed, columns),
    });
  },

  /** The lines of text files, without their ends (LF or CRLF); a blank line is a line. Bytes that are not UTF-8 are malformed. */
  lines(input: FileInput, options: FileSourceOptions = {}): Source<string> {
    return fileSource({ name: 'files.lines', input, options, format: 'lines', createDecoder: () => ({ decode: (text) => text }) });
  },

  /**
   * Writes records as lines of JSON into a directory, in files that appear whole, once, and only when their checkpoint has
   * committed. The files of one checkpoint don't appear all at the same moment.
   */
  ndjson(directory: string): Sink<unknown> {
    return ndjsonSink(directory);
  },
} as const;
