import { WeirError } from '../../base/errors.ts';
import type { ObjectStore } from '../../cloud/index.ts';

/** Thrown by decoders: this record is not what it should be. The reader knows where it stands and what the job wants then. */
export class MalformedRecord extends Error {
  readonly expected: string;
  readonly found: string;

  constructor(expected: string, found: string, cause?: unknown) {
    super(`expected ${expected}, found ${found}`, { cause });
    this.expected = expected;
    this.found = found;
  }
}

const previewCharactersMax = 120;
const lineCountBytesMax = 64 * 1024 * 1024;

/** Text from the input as an error shows it: quoted, on one line, cut. */
export function preview(text: string): string {
  const cut = text.length > previewCharactersMax;
  return JSON.stringify(cut ? text.slice(0, previewCharactersMax).toWellFormed() : text) + (cut ? '...' : '');
}

/** Where a byte stands, as errors and `describe` spell it. */
export const placeOf = (uri: string, byte: number): string => `${uri}, byte ${byte}`;

export interface Fault {
  readonly uri: string;
  /** Of the record's first byte. */
  readonly byte: number;
  readonly expected: string;
  readonly found: string;
  /** Other records can't be told apart from here on. */
  readonly structural: boolean;
  readonly cause: unknown;
}

/** The error for the job's author. Reads the file up to the fault once more, to tell the line: errors are rare, lines are what editors know. */
export async function malformed(objects: ObjectStore, fault: Fault): Promise<WeirError> {
  const line = await lineAt(objects, fault.uri, fault.byte);
  const position = placeOf(fault.uri, fault.byte) + (line === undefined ? '' : ` (line ${line})`);
  return new WeirError({
    code: fault.structural ? 'MALFORMED_FILE' : 'MALFORMED_RECORD',
    domain: 'program',
    message: `Malformed ${fault.structural ? 'file' : 'record'} at ${position}: expected ${fault.expected}, found ${fault.found}.`,
    advice: fault.structural
      ? 'Correct the file, or name its real format with the option format.'
      : "Correct the record, or let the job skip such records with onMalformed: 'skip'.",
    subject: { position },
    cause: fault.cause,
  });
}

/** Counted from 1; nothing where it would take a long read, or the file can't be read any more. */
async function lineAt(objects: ObjectStore, uri: string, byte: number): Promise<number | undefined> {
  if (byte > lineCountBytesMax) return undefined;
  if (byte === 0) return 1;
  const before = await objects.get(uri, { offset: 0, length: byte }).catch(() => undefined);
  if (before === undefined) return undefined;
  let line = 1;
  for (let at = before.indexOf(0x0a); at >= 0; at = before.indexOf(0x0a, at + 1)) line++;
  return line;
}
