import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { checksumOf, concatBytes } from '../base/bytes.ts';
import { commonPrefix } from '../base/common-prefix.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { Acknowledgement, OutputRef, OutputSlice } from '../protocol/acknowledgement.ts';
import type { LevelIndexRef } from '../protocol/command.ts';
import { decodeValue, encodeValue } from '../values/serializer.ts';
import { packSlices, unpackSlices } from './output-slices.ts';
import { slotOf } from './routing.ts';
import { corrupt } from './run-codec.ts';

/*
 * What a level is fed by, as one object: first the head, which every slot reads (what each upstream subtask said, and
 * where the slots' parts are), then a part for each slot (where its input is; small outputs are in it). It says no more
 * than the acknowledgements do; it saves slots from reading all of them. Head and parts are MessagePack. It lives as long
 * as an epoch, so no other form is ever read than the one that is written.
 */

/** What a subtask has to know of one that it is fed by. */
export type SenderSaid = Pick<Acknowledgement, 'watermark' | 'idle' | 'endOfInput' | 'handover' | 'output'>;

/** Of one subtask: watermark, idle, endOfInput, handover; of an output that is an object, the end of its name and its checksum. */
type Row = readonly [number | null, boolean, boolean, boolean, string?, string?];

type Head = readonly [
  /** Vertex, what its subtasks' objects are called up to where they differ, rows by subtask. */
  vertices: readonly (readonly [vertexId: string, uriPrefix: string, rows: readonly Row[]])[],
  /** By slot: offset behind the head, length, CRC-32. */
  parts: readonly (readonly [number, number, number])[],
];

/** Vertex (position in the head), subtask, slices (packed), and the bytes, unless they are in the subtask's object. */
type PartEntry = readonly [number, number, Uint8Array, Uint8Array?];

export interface EncodedIndex {
  readonly bytes: Uint8Array;
  readonly ref: Omit<LevelIndexRef, 'uri'>;
}

/** `said`: by upstream vertex, by subtask. */
export function encodeLevelIndex(said: ReadonlyMap<string, readonly SenderSaid[]>, slots: number): EncodedIndex {
  const entries: PartEntry[][] = Array.from({ length: slots }, () => []);
  for (const [position, senders] of [...said.values()].entries()) {
    for (const [subtask, { output }] of senders.entries()) {
      if (output === undefined) continue;
      for (const [slot, own] of slotsOf(output, slots)) entries[slot]!.push([position, subtask, ...own]);
    }
  }
  const parts = entries.map((each) => (each.length === 0 ? new Uint8Array() : encodeValue(each)));
  let offset = 0;
  const places = parts.map((part) => {
    const place = [offset, part.byteLength, crc32(part)] as const;
    offset += part.byteLength;
    return place;
  });
  const head: Head = [[...said].map(([vertexId, senders]) => [vertexId, ...rowsOf(senders)]), places];
  const headBytes = encodeValue(head);
  return {
    bytes: concatBytes([headBytes, ...parts]),
    ref: { headBytes: headBytes.byteLength, headChecksum: checksumOf(headBytes) },
  };
}

function rowsOf(senders: readonly SenderSaid[]): readonly [string, readonly Row[]] {
  const uris = senders.map(({ output }) => (output?.at.kind === 'object' ? output.at.uri : undefined));
  const prefix = commonPrefix(uris.filter((uri) => uri !== undefined));
  const rows = senders.map(({ watermark, idle, endOfInput, handover, output }, subtask): Row => {
    const uri = uris[subtask];
    const said = [watermark, idle, endOfInput, handover] as const;
    return uri === undefined ? said : [...said, uri.slice(prefix.length), output!.checksum];
  });
  return [prefix, rows];
}

/** An output by the slots that it is for: what is inside of it is divided too, a broadcast run once for each slot. */
function slotsOf({ at, slices }: OutputRef, slots: number): ReadonlyMap<number, readonly [Uint8Array, Uint8Array?]> {
  const divided = new Map<number, readonly [Uint8Array, Uint8Array?]>();
  for (const [slot, own] of Map.groupBy(unpackSlices(slices), ({ target }) => slotOf(target, slots))) {
    divided.set(slot, at.kind === 'object' ? [packSlices(own)] : cutOut(at.bytes, own));
  }
  return divided;
}

/** These slices alone, with the bytes they are of. */
function cutOut(bytes: Uint8Array, slices: readonly OutputSlice[]): readonly [Uint8Array, Uint8Array] {
  const moved = new Map<number, number>();
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const { offset, length } of slices) {
    if (moved.has(offset)) continue;
    moved.set(offset, end);
    parts.push(bytes.subarray(offset, offset + length));
    end += length;
  }
  return [packSlices(slices.map((slice) => ({ ...slice, offset: moved.get(slice.offset)! }))), concatBytes(parts)];
}

/** What all upstream subtasks said, with what they sent to this slot: head and part, two reads. */
export async function readLevelIndex(
  objects: ObjectStore,
  ref: LevelIndexRef,
  slot: number,
): Promise<(vertexId: string, subtask: number) => SenderSaid | undefined> {
  const head = await objects.get(ref.uri, { offset: 0, length: ref.headBytes });
  if (head === undefined) throw corrupt(`${ref.uri} does not exist`);
  if (checksumOf(head) !== ref.headChecksum) throw corrupt(`the checksum of the head of ${ref.uri} differs`);
  const [vertices, parts] = decodeValue(head) as Head;
  const [offset, length, crc] = parts[slot]!;
  const part = length === 0 ? new Uint8Array() : await objects.get(ref.uri, { offset: ref.headBytes + offset, length });
  if (part === undefined || crc32(part) !== crc)
    throw corrupt(`the part of slot ${slot} in ${ref.uri} reads otherwise than it was written`);
  const sent = new Map<string, PartEntry>();
  for (const entry of length === 0 ? [] : (decodeValue(part) as readonly PartEntry[])) sent.set(`${entry[0]}/${entry[1]}`, entry);
  return (vertexId, subtask) => {
    const position = vertices.findIndex(([each]) => each === vertexId);
    const [, uriPrefix, rows] = vertices[position] ?? [];
    const row = rows?.[subtask];
    if (row === undefined) return undefined;
    const [watermark, idle, endOfInput, handover] = row;
    const entry = sent.get(`${position}/${subtask}`);
    return { watermark, idle, endOfInput, handover, ...(entry === undefined ? {} : { output: outputOf(entry, row, uriPrefix!) }) };
  };
}

function outputOf([, , slices, bytes]: PartEntry, [, , , , uriEnd, checksum]: Row, uriPrefix: string): OutputRef {
  if (bytes !== undefined) return { at: { kind: 'inline', bytes }, checksum: checksumOf(bytes), slices };
  assert(uriEnd !== undefined && checksum !== undefined, 'what is not in a part is in an object');
  return { at: { kind: 'object', uri: `${uriPrefix}${uriEnd}` }, checksum, slices };
}
