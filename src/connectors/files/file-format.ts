import { WeirError } from '../../base/errors.ts';
import type { ObjectInfo, ObjectStore } from '../../cloud/index.ts';
import type { FileFormat } from './file-split.ts';
import { byteOrderMarkLength, skipBlanks } from './record-scanner.ts';

/** Formats of records as users name them: `json` is an array, or one value per line, whichever the file turns out to be. */
export type RecordFormat = 'ndjson' | 'json' | 'csv';

const headBytes = 4096;
const openBracket = 0x5b;

const formatByExtension: Readonly<Record<string, RecordFormat>> = { ndjson: 'ndjson', jsonl: 'ndjson', json: 'json', csv: 'csv' };

/** How records stand in this file: by its extension, if not said otherwise. Looks into `json` files. */
export async function formatOf(objects: ObjectStore, file: ObjectInfo, said: RecordFormat | undefined): Promise<FileFormat> {
  const extension = /\.([^./]+)$/.exec(file.uri)?.[1]?.toLowerCase() ?? '';
  const format = said ?? formatByExtension[extension];
  if (format === undefined) {
    throw new WeirError({
      code: 'UNKNOWN_FORMAT',
      domain: 'user',
      message: `The format of input "${file.uri}" is unknown: expected .ndjson, .jsonl, .json or .csv, found ${extension === '' ? 'no extension' : `.${extension}`}.`,
      advice: "Rename the file, or name its format with the option format: 'ndjson', 'json' or 'csv'.",
    });
  }
  if (format !== 'json') return format;
  const head = await objects.get(file.uri, { offset: 0, length: headBytes });
  if (head === undefined) return 'ndjson';
  return head[skipBlanks(head, byteOrderMarkLength(head), head.byteLength)] === openBracket ? 'jsonArray' : 'ndjson';
}
