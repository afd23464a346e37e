import { crc32, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { decodeValue, encodeValue } from '../values/serializer.ts';
import { corrupt } from './corrupt.ts';
import { type SegmentTable, segmentTableFrom } from './segment-table.ts';
import { unsupported } from './unsupported.ts';

/*
 * A segment at rest. Numbers of fixed size are big-endian, as in MessagePack.
 *
 *   offset  bytes
 *   0       4      magic: "WEIR" in ASCII
 *   4       2      format version: 1
 *   6       1      compression of the payload: 0 none, 1 one zstd frame
 *   7       1      0
 *   8       4      length of the payload before compression
 *   12      4      CRC-32 (zlib's) of bytes 0 to 11 and then of the payload as stored
 *   16      ...    payload, to the end
 *
 * The payload, uncompressed: the length of the table (4 bytes), the table, then the sections one after the other, in
 * the table's order. Everything in the table and the sections is plain MessagePack as `ValueWriter` writes it.
 *
 * The table is a map; readers ignore fields that they don't know:
 *
 *   vertexId, subtask, checkpoint, attempt   who wrote it, for what
 *   maxParallelism                           what key groups are counted by
 *   base                                     [from, to, from, to, ...]: key groups that are here as a whole; both ends included
 *   compactionCredit                         see compaction.ts; 0 if it is missing
 *   operatorState                            whether operator values are here: all of the subtask's
 *   sections                                 list of { kind, operatorId, name, length, groups } or { kind, operatorId, name, length, count }
 *
 * `length` is a section's length in bytes. `version` is the schema version of a keyed state's values, `versions` those of
 * operator values, by the name of the state that a value holds; both are left out for version 1. Kinds; a reader refuses those that it doesn't know:
 *
 *   "value"     a keyed state with one value per key, called `name`: value, reducing (the reduction) and aggregating
 *               state (the accumulator). Puts are (key, value), deletes are (key).
 *   "list"      a keyed state with a list per key. For each key (key, dropped, added, element, element, ...): so many
 *               elements are dropped at the beginning, then `added` elements come to the end. A list that was cleared
 *               drops all that it had.
 *   "map"       a keyed state with a map per key. For each key (key, cleared, deletes, puts, map key to delete, ...,
 *               map key to put, its value, ...): if `cleared` is true all entries go, then those to delete; a put leaves
 *               an entry in its place, or adds it at the end.
 *   "timed-value", "timed-list", "timed-map"
 *               the same of a state with a time to live: behind every value, element and value of a map entry the time
 *               (milliseconds since the epoch) when it was last touched. In "timed-list", `touched` stands between
 *               `dropped` and `added`: null, or the time when all elements that are left were touched at once.
 *   "timers"    an operator's timers; `name` is "" for those of event time, "processing" for those of processing time.
 *               Puts and deletes are (key, time).
 *   "namespaced-value", "namespaced-timers" and so on
 *               any of these by key and namespace, such as a window: where others have a key stands [key, namespace]. The
 *               key group is that of the key.
 *   "operator"  an operator's values that are not by key; `name` is "". `count` times (name, value). A name says what the
 *               value is: "_..." is the engine's own, "split:..." and "union:..." are lists declared as operator state,
 *               "broadcast:..." is broadcast state, as a list of (key, value).
 *
 * A keyed section holds one run of entries per key group, each in the order in which it is to be applied: of values and
 * timers first what is to be put, then what is to be deleted. `groups` is the index, [key group, length in bytes, puts,
 * deletes] again and again, by ascending key group, in one flat list; key groups without entries are left out. Puts and
 * deletes count entries; that a list drops elements, or a map is cleared, counts as one delete.
 *
 * A base holds nothing that had expired when it was written, and an empty list or map is not there at all.
 *
 * To load: for each key group that the reference allows, empty it if `base` has it, then apply the runs. Where the
 * reference says so, take the operator values, in the place of all that there were before.
 */

export const segmentVersion = 1;

const magic = 0x57454952;
const headerBytes = 16;
const payloadBytesMax = 0x7fff_ffff;
const compressions = { none: 0, zstd: 1 } as const;

export interface OpenSegment {
  readonly table: SegmentTable;
  /** The sections, one after the other. */
  readonly sections: Uint8Array;
}

export function sealSegment({ table, sections }: OpenSegment): Uint8Array {
  const tableBytes = encodeValue(table);
  const tableLength = new Uint8Array(4);
  new DataView(tableLength.buffer).setUint32(0, tableBytes.byteLength);
  const payload = concatBytes([tableLength, tableBytes, sections]);
  assert(payload.byteLength <= payloadBytesMax, 'a segment is smaller than 2 GiB');
  const compressed = zstdCompressSync(payload, { params: { [zlib.ZSTD_c_compressionLevel]: 1 } });
  const smaller = compressed.byteLength < payload.byteLength;
  const header = new DataView(new ArrayBuffer(headerBytes));
  header.setUint32(0, magic);
  header.setUint16(4, segmentVersion);
  header.setUint8(6, smaller ? compressions.zstd : compressions.none);
  header.setUint32(8, payload.byteLength);
  const sealed = concatBytes([new Uint8Array(header.buffer), smaller ? compressed : payload]);
  new DataView(sealed.buffer).setUint32(12, checkOf(sealed));
  return sealed;
}

/** Throws SEGMENT_CORRUPT for bytes that are not what was sealed, SEGMENT_UNSUPPORTED for what a newer Weir wrote. */
export function openSegment(bytes: Uint8Array): OpenSegment {
  const payload = payloadOf(bytes);
  if (payload.byteLength < 4) throw corrupt('it has no table');
  const tableLength = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  const sectionsStart = 4 + tableLength;
  if (sectionsStart > payload.byteLength) throw corrupt('its table is cut off');
  let table: unknown;
  try {
    table = decodeValue(payload.subarray(4, sectionsStart));
  } catch (cause) {
    throw corrupt('its table is not MessagePack', cause);
  }
  const sections = payload.subarray(sectionsStart);
  return { table: segmentTableFrom(table, sections.byteLength), sections };
}

function payloadOf(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < headerBytes) throw corrupt(`it has only ${bytes.byteLength} bytes`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  if (header.getUint32(0) !== magic) throw corrupt('it does not begin with "WEIR"');
  const version = header.getUint16(4);
  if (version === 0) throw corrupt('its format version is 0');
  if (version > segmentVersion) throw unsupported(`format version ${version}`, `versions up to ${segmentVersion}`);
  if (header.getUint32(12) !== checkOf(bytes)) throw corrupt('its check sum differs');
  const stored = bytes.subarray(headerBytes);
  const payloadBytes = header.getUint32(8);
  const compression = header.getUint8(6);
  if (compression !== compressions.none && compression !== compressions.zstd)
    throw unsupported(`compression ${compression}`, '0 (none) and 1 (zstd)');
  const payload = compression === compressions.none ? stored : inflate(stored, payloadBytes);
  if (payload.byteLength !== payloadBytes) throw corrupt(`its payload has ${payload.byteLength} bytes instead of ${payloadBytes}`);
  return payload;
}

function inflate(stored: Uint8Array, payloadBytes: number): Uint8Array {
  try {
    const { buffer, byteOffset, byteLength } = zstdDecompressSync(stored, { maxOutputLength: Math.max(payloadBytes, 1) });
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw corrupt('its payload does not decompress', cause);
  }
}

function checkOf(sealed: Uint8Array): number {
  return crc32(sealed.subarray(headerBytes), crc32(sealed.subarray(0, 12)));
}
