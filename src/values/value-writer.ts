import { WeirError } from '../base/errors.ts';
import { checkPlain, isPlainObject, valueDepthMax } from './plain-value.ts';

/*
 * Writes plain data as plain MessagePack, many values back to back into one buffer that grows. Its neighbour, the
 * reader, is msgpackr; the writer is ours because stored state must come back exactly as it was, which no library's
 * does (-0 becomes 0, class instances become plain objects, half surrogates become U+FFFD), and because what isn't
 * plain data is refused in the same pass.
 *
 * 1. Integers of up to 32 bits are written as integers, all other numbers as 64-bit floats; no number loses anything.
 * 2. A bigint is written as a 64-bit integer, signed if it fits, a larger one as extension 0x42 (two's complement,
 *    big-endian, msgpackr's own); so integers above 32 bits read back as bigint if and only if they were.
 * 3. A date is the timestamp extension, in its shortest form. Byte arrays are binary; undefined fields are left out.
 * 4. After a refusal the offset is where it was before the value.
 */

/** Room for every form of fixed size and for short strings, so that only the others have to ask. */
const roomAlways = 40;

const refused = Symbol('not plain data');

export class ValueWriter {
  #bytes: Buffer;
  #view: DataView;
  #offset = 0;

  /** `bytesInitial`: how much room to begin with; it doubles as needed. */
  constructor(bytesInitial = 8192) {
    this.#bytes = Buffer.allocUnsafeSlow(bytesInitial);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Where the next value goes: the bytes written so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Adds a value and gives its offset. What is not plain data is refused by its path (VALUE_NOT_PLAIN). */
  write(value: unknown): number {
    const start = this.#offset;
    try {
      this.#write(value, 0);
    } catch (thrown) {
      this.#offset = start;
      throw thrown === refused ? notPlainError(value) : thrown;
    }
    return start;
  }

  /** Adds bytes as they are: a value encoded before, a header. */
  writeRaw(bytes: Uint8Array): number {
    const start = this.#offset;
    this.#reserve(bytes.byteLength);
    this.#bytes.set(bytes, start);
    this.#offset += bytes.byteLength;
    return start;
  }

  /** Makes sure of room for what `writePiece` and `writeNumber` are about to write: they don't ask. */
  reserve(bytes: number): void {
    this.#reserve(bytes);
  }

  /** Adds a few bytes as they are. */
  writePiece(bytes: Uint8Array): void {
    const into = this.#bytes;
    let offset = this.#offset;
    for (let i = 0; i < bytes.length; i++) into[offset++] = bytes[i]!;
    this.#offset = offset;
  }

  /** Adds a number, as `write` does. */
  writeNumber(value: number): void {
    this.#writeNumber(value);
  }

  /** A view of what was written, good until the next `reset` or write. */
  view(start = 0, end = this.#offset): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, start, end - start);
  }

  /** A copy of what was written. */
  copy(start = 0, end = this.#offset): Uint8Array {
    return this.view(start, end).slice();
  }

  /** Begins again in the same buffer; everything from `offset` on is forgotten. */
  reset(offset = 0): void {
    this.#offset = offset;
  }

  #reserve(bytes: number): void {
    const needed = this.#offset + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#offset);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  #write(value: unknown, depth: number): void {
    this.#reserve(roomAlways);
    switch (typeof value) {
      case 'string':
        this.#writeString(value);
        break;
      case 'number':
        this.#writeNumber(value);
        break;
      case 'boolean':
        this.#bytes[this.#offset++] = value ? 0xc3 : 0xc2;
        break;
      case 'bigint':
        this.#writeBigint(value);
        break;
      case 'object':
        if (value === null) this.#bytes[this.#offset++] = 0xc0;
        else this.#writeObject(value, depth);
        break;
      default:
        throw refused;
    }
  }

  #writeString(text: string): void {
    const length = text.length;
    if (length < 32) {
      const bytes = this.#bytes;
      const start = this.#offset + 1;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        bytes[start + i] = code;
      }
      if (i === length) {
        bytes[start - 1] = 0xa0 | length;
        this.#offset = start + length;
        return;
      }
    }
    this.#writeTextOfAnyKind(text);
  }

  #writeTextOfAnyKind(text: string): void {
    if (!text.isWellFormed()) throw refused;
    const length = Buffer.byteLength(text);
    this.#reserve(length + 5);
    if (length < 32) this.#bytes[this.#offset++] = 0xa0 | length;
    else this.#writeLength(length, 0xd9, 0xda, 0xdb);
    this.#offset += this.#bytes.write(text, this.#offset);
  }

  #writeNumber(value: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    if (value >>> 0 === value && !Object.is(value, -0)) {
      if (value < 0x80) bytes[this.#offset++] = value;
      else this.#writeLength(value, 0xcc, 0xcd, 0xce);
    } else if (value >> 0 === value && value !== 0) {
      if (value >= -0x20) bytes[this.#offset++] = value + 0x100;
      else if (value >= -0x80) {
        bytes[this.#offset++] = 0xd0;
        bytes[this.#offset++] = value + 0x100;
      } else if (value >= -0x8000) {
        bytes[this.#offset] = 0xd1;
        view.setInt16(this.#offset + 1, value);
        this.#offset += 3;
      } else {
        bytes[this.#offset] = 0xd2;
        view.setInt32(this.#offset + 1, value);
        this.#offset += 5;
      }
    } else {
      bytes[this.#offset] = 0xcb;
      view.setFloat64(this.#offset + 1, value);
      this.#offset += 9;
    }
  }

  /** An unsigned number of up to 32 bits behind the marker of the shortest form that holds it. */
  #writeLength(length: number, marker8: number, marker16: number, marker32: number): void {
    if (length < 0x100) {
      this.#bytes[this.#offset] = marker8;
      this.#bytes[this.#offset + 1] = length;
      this.#offset += 2;
    } else if (length < 0x10000) {
      this.#bytes[this.#offset] = marker16;
      this.#view.setUint16(this.#offset + 1, length);
      this.#offset += 3;
    } else {
      this.#bytes[this.#offset] = marker32;
      this.#view.setUint32(this.#offset + 1, length);
      this.#offset += 5;
    }
  }

  #writeBigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#bytes[this.#offset] = 0xd3;
      this.#view.setBigInt64(this.#offset + 1, value);
      this.#offset += 9;
    } else if (BigInt.asUintN(64, value) === value) {
      this.#bytes[this.#offset] = 0xcf;
      this.#view.setBigUint64(this.#offset + 1, value);
      this.#offset += 9;
    } else {
      let words = 2;
      while (BigInt.asIntN(words * 64, value) !== value) words++;
      this.#reserve(words * 8 + 6);
      this.#writeLength(words * 8, 0xc7, 0xc8, 0xc9);
      this.#bytes[this.#offset++] = 0x42;
      for (let i = words - 1; i >= 0; i--) {
        this.#view.setBigUint64(this.#offset, BigInt.asUintN(64, value >> BigInt(i * 64)));
        this.#offset += 8;
      }
    }
  }

  #writeObject(value: object, depth: number): void {
    if (depth > valueDepthMax) throw refused;
    if (Array.isArray(value)) this.#writeList(value, depth);
    else if (value.constructor === Object || isPlainObject(value)) this.#writeFields(value as { readonly [field: string]: unknown }, depth);
    else if (value instanceof Date) this.#writeDate(value.getTime());
    else if (value instanceof Uint8Array) {
      this.#reserve(value.byteLength + 5);
      this.#writeLength(value.byteLength, 0xc4, 0xc5, 0xc6);
      this.#bytes.set(value, this.#offset);
      this.#offset += value.byteLength;
    } else throw refused;
  }

  #writeList(list: readonly unknown[], depth: number): void {
    const length = list.length;
    if (length < 16) this.#bytes[this.#offset++] = 0x90 | length;
    else this.#writeCount(length, 0xdc, 0xdd);
    for (let i = 0; i < length; i++) this.#write(list[i], depth + 1);
  }

  #writeFields(object: { readonly [field: string]: unknown }, depth: number): void {
    const fields = Object.keys(object);
    const header = this.#offset;
    if (fields.length < 16) this.#bytes[this.#offset++] = 0x80 | fields.length;
    else this.#writeCount(fields.length, 0xde, 0xdf);
    let missing = 0;
    for (const field of fields) {
      const value = object[field];
      if (value === undefined) {
        missing++;
        continue;
      }
      if (field === '__proto__') throw refused;
      this.#reserve(roomAlways);
      this.#writeString(field);
      this.#write(value, depth + 1);
    }
    if (missing > 0) this.#correctCount(header, fields.length, fields.length - missing);
  }

  #writeCount(count: number, marker16: number, marker32: number): void {
    if (count < 0x10000) {
      this.#bytes[this.#offset] = marker16;
      this.#view.setUint16(this.#offset + 1, count);
      this.#offset += 3;
    } else {
      this.#bytes[this.#offset] = marker32;
      this.#view.setUint32(this.#offset + 1, count);
      this.#offset += 5;
    }
  }

  /** The header keeps its size, whatever the new count. */
  #correctCount(header: number, written: number, count: number): void {
    if (written < 16) this.#bytes[header] = 0x80 | count;
    else if (written < 0x10000) this.#view.setUint16(header + 1, count);
    else this.#view.setUint32(header + 1, count);
  }

  #writeDate(time: number): void {
    if (Number.isNaN(time)) throw refused;
    const seconds = Math.floor(time / 1000);
    const nanoseconds = (time - seconds * 1000) * 1_000_000;
    if (seconds >= 0 && seconds < 0x1_0000_0000 && nanoseconds === 0) {
      this.#view.setUint16(this.#offset, 0xd6ff);
      this.#view.setUint32(this.#offset + 2, seconds);
      this.#offset += 6;
    } else if (seconds >= 0 && seconds < 0x4_0000_0000) {
      this.#view.setUint16(this.#offset, 0xd7ff);
      this.#view.setUint32(this.#offset + 2, nanoseconds * 4 + Math.floor(seconds / 0x1_0000_0000));
      this.#view.setUint32(this.#offset + 6, seconds % 0x1_0000_0000);
      this.#offset += 10;
    } else {
      this.#view.setUint16(this.#offset, 0xc70c);
      this.#bytes[this.#offset + 2] = 0xff;
      this.#view.setUint32(this.#offset + 3, nanoseconds);
      this.#view.setBigInt64(this.#offset + 7, BigInt(seconds));
      this.#offset += 15;
    }
  }
}

function notPlainError(value: unknown): WeirError {
  return new WeirError({
    code: 'VALUE_NOT_PLAIN',
    domain: 'program',
    message: `Values must be plain data (null, booleans, numbers, bigint, strings, dates, byte arrays, lists and plain objects), but ${checkPlain(value) ?? 'this one is not'}.`,
    advice: 'Turn it into plain data before it enters a stream or state.',
  });
}
