import type { Buffer } from 'node:buffer';
import {
  BrokenStructure,
  carriageReturn,
  comma,
  newline,
  quote,
  type RecordScanner,
  type ScanOutcome,
  type ScanPlace,
  skipBlanks,
} from './record-scanner.ts';

/**
 * The rows of a CSV file (RFC 4180): a cell that begins with a quote ends with the next single one, and may hold line
 * breaks, commas and doubled quotes; elsewhere a quote is a character as any other. Blank lines are passed over.
 */
export class CsvScanner implements RecordScanner {
  start = 0;
  end = 0;
  after = 0;
  /** The next quote at or after what was looked at, so that rows without any take one search for their end. */
  #nextQuote = -1;
  #searched: Buffer | undefined;

  next(bytes: Buffer, from: number, place: ScanPlace): ScanOutcome {
    let at = from;
    for (;;) {
      if (at >= bytes.byteLength) {
        this.after = at;
        return place.atFileEnd ? 'end' : 'more';
      }
      const found = this.#rowEnd(bytes, at);
      if (found < 0 && !place.atFileEnd) {
        this.after = at;
        return 'more';
      }
      if (found === insideQuotes) throw new BrokenStructure(at, 'a row whose quoted cells are closed');
      const rowEnd = found < 0 ? bytes.byteLength : found;
      this.start = at;
      this.end = rowEnd > at && bytes[rowEnd - 1] === carriageReturn ? rowEnd - 1 : rowEnd;
      this.after = found < 0 ? rowEnd : rowEnd + 1;
      if (skipBlanks(bytes, at, this.end) < this.end) return 'found';
      at = this.after;
    }
  }

  #rowEnd(bytes: Buffer, from: number): number {
    if (this.#searched !== bytes || this.#nextQuote < from) {
      this.#searched = bytes;
      const found = bytes.indexOf(quote, from);
      this.#nextQuote = found < 0 ? bytes.byteLength : found;
    }
    const lineEnd = bytes.indexOf(newline, from);
    if (lineEnd >= 0 ? this.#nextQuote > lineEnd : this.#nextQuote === bytes.byteLength) return lineEnd;
    return quotedRowEnd(bytes, from);
  }
}

const unfinished = -1;
const insideQuotes = -2;

/** The index of the line feed that ends the row; `unfinished` or `insideQuotes` if the bytes end before. */
function quotedRowEnd(bytes: Buffer, from: number): number {
  let at = from;
  let atCellStart = true;
  while (at < bytes.byteLength) {
    const byte = bytes[at];
    if (atCellStart && byte === quote) {
      at = closingQuote(bytes, at + 1);
      if (at < 0) return insideQuotes;
      atCellStart = false;
    } else if (byte === newline) {
      return at;
    } else {
      atCellStart = byte === comma;
    }
    at++;
  }
  return unfinished;
}

/** The index of the quote that closes the cell whose text begins at `from`; -1 if the bytes end before. */
function closingQuote(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(quote, from);
  while (at >= 0 && bytes[at + 1] === quote) at = bytes.indexOf(quote, at + 2);
  return at;
}
