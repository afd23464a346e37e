import type { Buffer } from 'node:buffer';

/** Instead of a value: what stands there is for somebody else to read, or no JSON at all. */
export const unread = Symbol('unread');

/** With more digits a double doesn't hold a number exactly, so that rounding would be ours to do. */
const digitsMax = 15;
/** Shorter pieces of a text are copies, in V8; longer ones would keep the whole text in memory. */
const sliceLengthMax = 12;

const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/** What four digits are worth, a byte each, the first in the lowest. */
function decimal(digits: number): number {
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

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
    this.at = start;
    const whole = this.#digits(0);
    let at = this.at;
    let digits = at - start;
    if (digits === 0 || (digits > 1 && bytes[start] === 0x30)) return unread;
    let number = whole;
    if (bytes[at] === 0x2e) {
      this.at = at + 1;
      number = this.#digits(whole);
      const places = this.at - at - 1;
      at = this.at;
      digits += places;
      if (places === 0 || digits > digitsMax) return unread;
      // Of two doubles that are exact, the quotient is the double nearest to the number that is written.
      number /= powersOfTen[places]!;
    }
    if (digits > digitsMax || bytes[at] === 0x65 || bytes[at] === 0x45) return unread;
    return isNegative ? -number : number;
  }

  /** The digits at `at`, behind those of `before`; `at` then stands behind them. Of more than 15 only their number is right. */
  #digits(before: number): number {
    const { bytes, view } = this;
    const wordsEnd = bytes.length - 4;
    let { at } = this;
    let number = before;
    while (at <= wordsEnd) {
      // Four at a time, the first in the lowest byte; a digit is a byte of 0 to 9 in it.
      const word = view.getInt32(at, true) ^ 0x30303030;
      const others = ((word + 0x06060606) | word) & 0xf0f0f0f0;
      if (others === 0) {
        number = number * 10_000 + decimal(word);
        at += 4;
        continue;
      }
      const leading = (31 - Math.clz32(others & -others)) >> 3;
      this.at = at + leading;
      return leading === 0 ? number : number * powersOfTen[leading]! + decimal(word << (32 - 8 * leading));
    }
    for (let digit = bytes[at]! - 0x30; digit >= 0 && digit <= 9; digit = bytes[++at]! - 0x30) number = number * 10 + digit;
    this.at = at;
    return number;
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
