import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { messageOf, WeirError } from '../base/errors.ts';
import type { Key } from '../values/key.ts';
import { decodeValue, encodeValue } from '../values/serializer.ts';
import type { RecordRun, Records } from './api.ts';
import { type Column, decodeColumn, decodeRecords, encodeColumn, encodeShaped } from './column.ts';
import { decodeNumbers, decodeTyped, encodeNumbers, type NumberColumn } from './number-column.ts';
import { RecordList } from './record-list.ts';

/*
 * One run as bytes: a header of 16 bytes, then the body, a MessagePack list of columns, compressed if it is large.
 *
 *   0  'W' 'X'   2  version   3  1 if the body is compressed by zstd, else 0
 *   4  CRC-32 of byte 3 and all from byte 8 on   8  bytes that follow   12  bytes of the body before compression
 *
 * Numbers in the header are unsigned, 32 bits, little-endian. Runs live as long as an epoch, so no other version is
 * ever read than the one that is written; a program that meets one says so.
 */
const version = 2;
const headerBytes = 16;
/** Below this, compression costs more than it saves. */
const compressFromBytes = 512;
/** Of a larger body a piece of this size tells whether the whole is worth compressing. */
const sampleBytes = 32 * 1024;
/** Digits without a pattern hardly shrink: then the time is better spent otherwise. */
const worthwhileShare = 0.9;

type Body = readonly [
  count: number,
  values: Column,
  timestamps: NumberColumn | null,
  keys: Column | null,
  keyGroups: NumberColumn | null,
  rises: number,
  risesAt: NumberColumn,
  risesTo: NumberColumn,
];

/** A run of at least one record. What is not plain data is refused by its path (VALUE_NOT_PLAIN). */
export function encodeRun(run: RecordRun): Uint8Array {
  const body: Body = [
    run.values.length,
    encodeRecords(run.values),
    run.timestamps === undefined ? null : encodeNumbers(run.timestamps),
    run.keys === undefined ? null : encodeColumn(run.keys),
    run.keyGroups === undefined ? null : encodeNumbers(run.keyGroups),
    run.risesAt.length,
    encodeNumbers(run.risesAt),
    encodeNumbers(run.risesTo),
  ];
  const plain = encodeValue(body);
  const compressed = isWorthCompressing(plain) ? compress(plain) : undefined;
  const payload = compressed ?? plain;
  const bytes = new Uint8Array(headerBytes + payload.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x57, 0x58, version, compressed === undefined ? 0 : 1]);
  view.setUint32(8, payload.byteLength, true);
  view.setUint32(12, plain.byteLength, true);
  bytes.set(payload, headerBytes);
  view.setUint32(4, checksumOfRun(bytes), true);
  return bytes;
}

const compress = (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });

function isWorthCompressing(bytes: Uint8Array): boolean {
  if (bytes.byteLength < 4 * sampleBytes) return bytes.byteLength >= compressFromBytes;
  const middle = bytes.byteLength >> 1;
  return compress(bytes.subarray(middle, middle + sampleBytes)).byteLength < worthwhileShare * sampleBytes;
}

/** Anything that is not what `encodeRun` gave is EXCHANGE_CORRUPT. */
export function decodeRun(bytes: Uint8Array): RecordRun {
  const plain = openRun(bytes);
  try {
    const [count, values, timestamps, keys, keyGroups, rises, risesAt, risesTo] = decodeValue(plain) as Body;
    return {
      values: decodeRecords(values, count),
      timestamps: timestamps === null ? undefined : decodeTyped(timestamps, count),
      keys: keys === null ? undefined : (decodeColumn(keys, count) as Key[]),
      keyGroups: keyGroups === null ? undefined : decodeTyped(keyGroups, count),
      risesAt: decodeNumbers(risesAt, rises),
      risesTo: decodeNumbers(risesTo, rises),
    };
  } catch (cause) {
    throw corrupt(`its columns can't be read (${messageOf(cause)})`, cause);
  }
}

/** The same bytes, however the records are kept. */
function encodeRecords(records: Records): Column {
  const shaped = records instanceof RecordList ? records.shaped : undefined;
  return shaped === undefined ? encodeColumn([...records]) : encodeShaped(shaped);
}

function openRun(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < headerBytes || bytes[0] !== 0x57 || bytes[1] !== 0x58) throw corrupt('it does not begin as one');
  if (bytes[2] !== version) throw corrupt(`it has version ${bytes[2]} instead of ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const payload = bytes.subarray(headerBytes);
  const length = view.getUint32(8, true);
  if (payload.byteLength !== length) throw corrupt(`it has ${payload.byteLength} bytes instead of ${length}`);
  if (checksumOfRun(bytes) !== view.getUint32(4, true)) throw corrupt('its checksum differs');
  if (bytes[3] === 0) return payload;
  try {
    return zstdDecompressSync(payload, { maxOutputLength: view.getUint32(12, true) });
  } catch (cause) {
    throw corrupt(`it does not decompress (${messageOf(cause)})`, cause);
  }
}

const checksumOfRun = (bytes: Uint8Array): number => crc32(bytes.subarray(8), crc32(bytes.subarray(3, 4)));

export function corrupt(found: string, cause?: unknown): WeirError {
  return new WeirError({
    code: 'EXCHANGE_CORRUPT',
    domain: 'external',
    message: `What one subtask sent to another does not read as it was written: ${found}.`,
    advice: 'The epoch is tried again; if it stays so, look for what changes objects under exchange/ in the state directory.',
    cause,
  });
}
