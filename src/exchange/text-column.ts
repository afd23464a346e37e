import { assert } from '../base/assert.ts';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { decodeNumbers, encodeNumbers, type NumberColumn } from './number-column.ts';

/** A column of strings at rest: joined, with their lengths in UTF-16 units; or the distinct ones and which of them stands where. */
export type TextColumn =
  | readonly [kind: 'joined', lengths: NumberColumn, text: Uint8Array]
  /** For strings that are not well-formed, which UTF-8 can't hold. */
  | readonly [kind: 'units', lengths: NumberColumn, units: Uint8Array]
  | readonly [kind: 'dictionary', indexes: NumberColumn, entries: number, texts: TextColumn];

/** A dictionary is tried on columns of at least so many strings, and given up when more than half of those seen are new. */
const dictionaryFrom = 16;

export function encodeTexts(texts: readonly string[]): TextColumn {
  return (texts.length >= dictionaryFrom ? encodeDictionary(texts) : undefined) ?? encodeJoined(texts);
}

export function decodeTexts(column: TextColumn, count: number): string[] {
  if (column[0] === 'dictionary') {
    const [, indexes, entries, texts] = column;
    const dictionary = decodeTexts(texts, entries);
    return decodeNumbers(indexes, count).map((index) => {
      const text = dictionary[index];
      assert(text !== undefined, `a dictionary of ${entries} strings has one at ${index}`);
      return text;
    });
  }
  const [kind, lengths, bytes] = column;
  const joined = kind === 'joined' ? fromUtf8(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf16le');
  const texts: string[] = [];
  let offset = 0;
  for (const length of decodeNumbers(lengths, count)) {
    texts.push(joined.slice(offset, offset + length));
    offset += length;
  }
  assert(offset === joined.length, 'the lengths of strings add up to their text');
  return texts;
}

function encodeJoined(texts: readonly string[]): TextColumn {
  const lengths = encodeNumbers(texts.map((text) => text.length));
  const joined = texts.join('');
  // A byte order mark in front would be taken for one when read back.
  if (joined.isWellFormed() && joined.charCodeAt(0) !== 0xfeff) return ['joined', lengths, utf8(joined)];
  const units = Buffer.from(joined, 'utf16le');
  return ['units', lengths, new Uint8Array(units.buffer, units.byteOffset, units.byteLength)];
}

function encodeDictionary(texts: readonly string[]): TextColumn | undefined {
  const entries = new Map<string, number>();
  const indexes = new Array<number>(texts.length);
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!;
    let index = entries.get(text);
    if (index === undefined) {
      index = entries.size;
      if (i >= dictionaryFrom && index > i / 2) return undefined;
      entries.set(text, index);
    }
    indexes[i] = index;
  }
  return ['dictionary', encodeNumbers(indexes), entries.size, encodeJoined([...entries.keys()])];
}
