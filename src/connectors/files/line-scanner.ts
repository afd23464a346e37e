import type { Buffer } from 'node:buffer';
import { carriageReturn, newline, type RecordScanner, type ScanOutcome, type ScanPlace, skipBlanks } from './record-scanner.ts';

/** One record per line, ended by LF or CRLF, the last one by the end of the file too. */
export class LineScanner implements RecordScanner {
  start = 0;
  end = 0;
  after = 0;
  readonly #skipsBlankLines: boolean;

  constructor(skipsBlankLines: boolean) {
    this.#skipsBlankLines = skipsBlankLines;
  }

  next(bytes: Buffer, from: number, place: ScanPlace): ScanOutcome {
    let at = from;
    for (;;) {
      const found = bytes.indexOf(newline, at);
      if (found < 0 && (!place.atFileEnd || at >= bytes.byteLength)) {
        this.after = at;
        return place.atFileEnd ? 'end' : 'more';
      }
      const lineEnd = found < 0 ? bytes.byteLength : found;
      this.start = at;
      this.end = lineEnd > at && bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
      this.after = found < 0 ? lineEnd : lineEnd + 1;
      if (!this.#skipsBlankLines || skipBlanks(bytes, at, this.end) < this.end) return 'found';
      at = this.after;
    }
  }
}
