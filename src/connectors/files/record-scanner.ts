import type { Buffer } from 'node:buffer';

/**
 * `found`: a record stands at `start` to `end`, and the next begins at `after`. `more`: the bytes end before the next
 * record does; what lies before `after` need not be shown again. `end`: no record follows in this file.
 */
export type ScanOutcome = 'found' | 'more' | 'end';

/** What a scanner knows of the bytes it looks at, beyond the bytes. */
export interface ScanPlace {
  /** The first byte is the file's first (after a byte order mark). */
  readonly atFileStart: boolean;
  /** The file ends where the bytes end. */
  readonly atFileEnd: boolean;
}

/**
 * Finds where records begin and end, without reading them: one per format. It keeps nothing between calls that matters:
 * at every `after` another scanner goes on alike. Results are fields, so that no object is made for each record.
 */
export interface RecordScanner {
  readonly start: number;
  readonly end: number;
  readonly after: number;
  next(bytes: Buffer, from: number, place: ScanPlace): ScanOutcome;
}

/** Thrown where a format's structure is broken, so that nothing that follows can be told apart: never skipped. */
export class BrokenStructure extends Error {
  readonly index: number;
  readonly expected: string;

  constructor(index: number, expected: string) {
    super(expected);
    this.index = index;
    this.expected = expected;
  }
}

export const newline = 0x0a;
export const carriageReturn = 0x0d;
export const quote = 0x22;
export const comma = 0x2c;

/** Space, tab, line feed, carriage return: what JSON calls white space. */
const isBlank = (byte: number): boolean => byte === 0x20 || byte === newline || byte === carriageReturn || byte === 0x09;

/** The index of the first byte that is not blank, or `end`. */
export function skipBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

/** Of UTF-8, at the beginning of a file: it is no part of the text. */
export function byteOrderMarkLength(head: Uint8Array): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}
