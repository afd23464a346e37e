import type { Buffer } from 'node:buffer';

/** Instead of a value: what stands there is for somebody else to read, or no JSON at all. */
export const unread = Symbol('unread');

/** With more digits a double doesn't hold a number exactly, so that rounding would be ours to do. */
const digitsMax = 15;
/** As many fit into 32 bits. */
const shortDigitsMax = 9;
/** Shorter pieces of a text are copies, in V8; longer ones would keep the whole text in memory. */
const sliceLengthMax = 12;

const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/**
 * Reads numbers, short-cut strings, true, false and null of JSON from bytes, exactly as JSON.parse does. What takes more care
 * is left unread: exponents, numbers of many digits, strings with escapes or beyond ASCII.
 */
export class JsonScalars {
  bytes: Buffer;
  view: DataView;
  /** Where the next value begins. */
  at = 0;
  #text: string | undefined = undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The value at `at`, which then stands behind it; or `unread`. */
  next(): unknown {
    const first = this.bytes[this.at]!;
    if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return this.#number();
    if (first === 0x22) return this.#string();
    if (first === 0x74) return this.#word('true', true);
    if (first === 0x66) return this.#word('false', false);
    return first === 0x6e ? this.#word('null', null) : unread;
  }

  #number(): unknown {
    const { bytes } = this;
    const isNegative = bytes[this.at] === 0x2d;
    const start = isNegative ? this.at + 1 : this.at;
    let at = start;
    let short = 0;
    let digit = bytes[at]! - 0x30;
    for (; digit >= 0 && digit <= 9 && at - start < shortDigitsMax; digit = bytes[++at]! - 0x30) short = (short * 10 + digit) | 0;
    let number = short;
    for (; digit >= 0 && digit <= 9; digit = bytes[++at]! - 0x30) number = number * 10 + digit;
    let digits = at - start;
    if (digits === 0 || (digits > 1 && bytes[start] === 0x30)) return unread;
    if (bytes[at] === 0x2e) {
      const fraction = ++at;
      for (digit = bytes[at]! - 0x30; digit >= 0 && digit <= 9; digit = bytes[++at]! - 0x30) number = number * 10 + digit;
      const places = at - fraction;
      digits += places;
      if (places === 0 || digits > digitsMax) return unread;
      // Of two doubles that are exact, the quotient is the double nearest to the number that is written.
      number /= powersOfTen[places]!;
    }
    if (digits > digitsMax || bytes[at] === 0x65 || bytes[at] === 0x45) return unread;
    this.at = at;
    return isNegative ? -number : number;
  }

  #string(): unknown {
    const { bytes } = this;
    const start = this.at + 1;
    let at = start;
    let byte = bytes[at]!;
    for (; byte !== 0x22; byte = bytes[++at]!) if (!(byte >= 0x20 && byte < 0x80 && byte !== 0x5c)) return unread;
    this.at = at + 1;
    if (at - start > sliceLengthMax) return bytes.toString('latin1', start, at);
    // Every byte is one character in it, so that what is ASCII stands where it stands in the bytes.
    this.#text ??= bytes.toString('latin1');
    return this.#text.slice(start, at);
  }

  #word<T>(word: string, value: T): T | typeof unread {
    for (let i = 1; i < word.length; i++) if (this.bytes[this.at + i] !== word.charCodeAt(i)) return unread;
    this.at += word.length;
    return value;
  }
}
