import type { Buffer } from 'node:buffer';
import { BrokenStructure, comma, quote, type RecordScanner, type ScanOutcome, type ScanPlace, skipBlanks } from './record-scanner.ts';

const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The elements of a JSON array that is the whole file. Reading goes on either behind the comma after an element, or at
 * the closing bracket, so a position says all there is to know. It only finds the borders: whether an element is
 * JSON is seen when it is parsed. A comma before the closing bracket is let pass.
 */
export class JsonArrayScanner implements RecordScanner {
  start = 0;
  end = 0;
  after = 0;

  next(bytes: Buffer, from: number, place: ScanPlace): ScanOutcome {
    const length = bytes.byteLength;
    let at = skipBlanks(bytes, from, length);
    if (place.atFileStart && at < length) {
      if (bytes[at] !== openBracket) throw new BrokenStructure(at, 'a JSON array, which begins with "["');
      at = skipBlanks(bytes, at + 1, length);
    }
    if (at < length && bytes[at] === closeBracket) return this.#close(bytes, at, place);
    const end = at < length ? elementEnd(bytes, at) : -1;
    if (end < 0) {
      if (place.atFileEnd) throw new BrokenStructure(length, 'the rest of a JSON array, up to its closing "]"');
      this.after = from;
      return 'more';
    }
    this.start = at;
    this.end = end;
    this.after = bytes[end] === comma ? end + 1 : end;
    if (place.atFileEnd && this.after === length) throw new BrokenStructure(length, 'another element, or the closing "]" of a JSON array');
    return 'found';
  }

  #close(bytes: Buffer, bracket: number, place: ScanPlace): ScanOutcome {
    const rest = skipBlanks(bytes, bracket + 1, bytes.byteLength);
    if (rest < bytes.byteLength) throw new BrokenStructure(rest, 'nothing after the closing "]" of a JSON array');
    this.after = place.atFileEnd ? bytes.byteLength : bracket;
    return place.atFileEnd ? 'end' : 'more';
  }
}

/** The index of the comma or bracket that ends the element at `from`; -1 if the bytes end before. */
function elementEnd(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.byteLength; at++) {
    switch (bytes[at]) {
      case quote:
        at = stringEnd(bytes, at + 1);
        if (at < 0) return -1;
        break;
      case openBrace:
      case openBracket:
        depth++;
        break;
      case closeBrace:
        if (depth > 0) depth--;
        break;
      case closeBracket:
        if (depth === 0) return at;
        depth--;
        break;
      case comma:
        if (depth === 0) return at;
        break;
      default:
        break;
    }
  }
  return -1;
}

/** The index of the closing quote of the string whose text begins at `from`; -1 if the bytes end before. */
function stringEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.byteLength; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash) at++;
  }
  return -1;
}
