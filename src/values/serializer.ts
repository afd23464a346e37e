import { ValueWriter } from './value-writer.ts';

export { decodeValue, decodeValues, readValues } from './value-reader.ts';
export { ValueWriter } from './value-writer.ts';

/** One large value must not keep its room for ever. */
const roomKeptMax = 4 * 1024 * 1024;
let shared = new ValueWriter();

/** Plain data as plain MessagePack, a copy of its own. What is not plain data is refused by its path (VALUE_NOT_PLAIN). */
export function encodeValue(value: unknown): Uint8Array {
  shared.reset();
  shared.write(value);
  const bytes = shared.copy();
  if (bytes.byteLength > roomKeptMax) shared = new ValueWriter();
  return bytes;
}
