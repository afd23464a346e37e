import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ObjectStore } from '../../src/cloud/index.ts';
import type { FileLimits } from '../../src/connectors/files/file-limits.ts';
import { type FileSourceOptions, fileSource } from '../../src/connectors/files/file-source.ts';
import type { FileSplit } from '../../src/connectors/files/file-split.ts';
import type { RecordFormat } from '../../src/connectors/files/index.ts';
import { createDecoder } from '../../src/connectors/files/record-decoder.ts';
import type { Source, SplitReader } from '../../src/stream/source.ts';
import { noClock } from './memory-objects.ts';

/** Lets everything pass as it is. */
const anything: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};

export type FileRecords = Source<unknown, FileSplit, number>;

/** A file source as users get it, but with limits that suit a test. */
export function recordsOf(
  input: string | readonly string[],
  options: FileSourceOptions & { readonly format?: RecordFormat | 'lines'; readonly schema?: StandardSchemaV1 } = {},
  limits: Partial<FileLimits> = {},
): FileRecords {
  const schema = (options.schema ?? anything) as StandardSchemaV1<unknown, unknown>;
  return fileSource({
    name: 'test',
    input,
    options,
    format: options.format,
    limits,
    createDecoder: (format, columns) => (format === 'lines' ? { decode: (text: string) => text } : createDecoder(format, schema, columns)),
  });
}

/** All assignments, in the order of their ids, however many calls it takes. */
export async function splitsOf(source: FileRecords, objects: ObjectStore, parallelism: number) {
  const splits: { readonly subtask: number; readonly splitId: string; readonly split: FileSplit }[] = [];
  for (let state = undefined, done = false; !done; ) {
    const found = await source.enumerate(state, { objects, clock: noClock, processingTime: 7, parallelism });
    splits.push(...found.assignments);
    state = JSON.parse(JSON.stringify(found.state));
    done = found.done;
  }
  return splits;
}

export interface Reading {
  /** A record, and where `describe` says that it stands. */
  readonly records: { readonly value: unknown; readonly at: string }[];
  readonly skipped: number;
}

/** Reads one split to its end, with a reader and a budget for each step. */
export async function readSplit(
  split: FileSplit,
  steps: { reader(): SplitReader<unknown, FileSplit, number>; budget(): { readonly records: number; readonly bytes: number } },
): Promise<Reading> {
  const records: { value: unknown; at: string }[] = [];
  let skipped = 0;
  for (let position = split.start; ; ) {
    const before = position;
    const batch = await steps.reader().read(split, position, steps.budget());
    batch.records.forEach((value, index) => records.push({ value, at: batch.describe(index) }));
    skipped += batch.skipped;
    position = JSON.parse(JSON.stringify(batch.position));
    if (batch.endOfSplit === batch.backlog) throw new Error('A bounded split either has ended or has more.');
    if (batch.endOfSplit) return { records, skipped };
    if (position <= before) throw new Error(`No progress at ${before}.`);
  }
}

/** All records of a source, split by split, with one reader and no bounds. */
export async function readAll(source: FileRecords, objects: ObjectStore, parallelism = 1): Promise<unknown[]> {
  const reader = source.createReader({ objects, clock: noClock });
  const all: unknown[] = [];
  for (const { split } of await splitsOf(source, objects, parallelism)) {
    const { records } = await readSplit(split, { reader: () => reader, budget: () => ({ records: 1e9, bytes: 1e9 }) });
    all.push(...records.map(({ value }) => value));
  }
  return all;
}
