// A reader of savepoints that was written from docs/STORED-DATA.md alone: it imports nothing of Weir.
import { createHash } from 'node:crypto';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { Unpackr } from 'msgpackr';

interface Place {
  readonly kind: 'record' | 'object' | 'relative' | 'inline';
  readonly path?: string;
  readonly uri?: string;
  readonly partition?: string;
  readonly sort?: string;
  readonly bytes?: string;
}

interface Reference {
  readonly at: Place;
  readonly bytes: number;
  readonly checksum: string;
  readonly keyGroups: readonly (readonly [number, number])[];
  readonly operatorState: boolean;
}

export interface Metadata {
  readonly version: number;
  readonly vertices: readonly {
    readonly operators: readonly { readonly operatorId: string; readonly uid?: string }[];
    readonly subtasks: readonly { readonly segments: readonly Reference[] }[];
  }[];
}

/** The values of one state of one operator, over all subtasks: by key for `value`; operator values by name and subtask. */
export interface ReadState {
  readonly byKey: ReadonlyMap<string, unknown>;
  readonly operatorValues: readonly ReadonlyMap<string, unknown>[];
}

interface Section {
  readonly kind: string;
  readonly operatorId: string;
  readonly name: string;
  readonly length: number;
  readonly groups?: readonly number[];
}

const messagePack = new Unpackr({ useRecords: false, mapsAsObjects: true });

/** Applies all segments of all subtasks, oldest first, as the section "To read a snapshot" says. */
export function readState(metadata: Metadata, uid: string, name: string, read: (at: Place) => Uint8Array): ReadState {
  const vertex = metadata.vertices.find(({ operators }) => operators.some((operator) => operator.uid === uid))!;
  const { operatorId } = vertex.operators.find((operator) => operator.uid === uid)!;
  const byKey = new Map<string, unknown>();
  const operatorValues: ReadonlyMap<string, unknown>[] = [];
  for (const { segments } of vertex.subtasks) {
    /** By key group. */
    const groups = new Map<number, Map<string, unknown>>();
    let values = new Map<string, unknown>();
    for (const reference of segments) {
      const { table, sections } = open(bytesOf(reference, read));
      const taken = (keyGroup: number) => reference.keyGroups.some(([from, to]) => from <= keyGroup && keyGroup <= to);
      for (const [from, to] of pairs(table.base)) {
        for (let keyGroup = from; keyGroup <= to; keyGroup++) if (taken(keyGroup)) groups.delete(keyGroup);
      }
      let offset = 0;
      for (const section of table.sections) {
        const bytes = sections.subarray(offset, offset + section.length);
        offset += section.length;
        if (section.operatorId !== operatorId) continue;
        if (section.kind === 'value' && section.name === name) applyValues(section, bytes, taken, groups);
        if (section.kind === 'operator' && reference.operatorState) values = new Map(pairs(valuesIn(bytes)) as [string, unknown][]);
      }
    }
    for (const group of groups.values()) for (const [key, value] of group) byKey.set(key, value);
    operatorValues.push(values);
  }
  return { byKey, operatorValues };
}

function applyValues(
  section: Section,
  bytes: Uint8Array,
  taken: (keyGroup: number) => boolean,
  groups: Map<number, Map<string, unknown>>,
): void {
  let start = 0;
  for (let index = 0; index < section.groups!.length; index += 4) {
    const [keyGroup, length, puts, deletes] = section.groups!.slice(index, index + 4) as [number, number, number, number];
    const run = valuesIn(bytes.subarray(start, start + length));
    start += length;
    if (!taken(keyGroup)) continue;
    const group = groups.get(keyGroup) ?? new Map<string, unknown>();
    groups.set(keyGroup, group);
    for (let put = 0; put < puts; put++) group.set(String(run[put * 2]), run[put * 2 + 1]);
    for (let gone = 0; gone < deletes; gone++) group.delete(String(run[puts * 2 + gone]));
  }
}

function bytesOf({ at, bytes: length, checksum }: Reference, read: (at: Place) => Uint8Array): Uint8Array {
  const bytes = at.kind === 'inline' ? Buffer.from(at.bytes!, 'base64') : read(at);
  const found = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  if (bytes.byteLength !== length || found !== checksum) throw new Error('The segment is not what was written.');
  return bytes;
}

function open(bytes: Uint8Array): {
  readonly table: { readonly base: readonly number[]; readonly sections: readonly Section[] };
  readonly sections: Uint8Array;
} {
  const header = new DataView(bytes.buffer, bytes.byteOffset, 16);
  if (Buffer.from(bytes.subarray(0, 4)).toString() !== 'WEIR' || header.getUint16(4) !== 1) throw new Error('It is no segment.');
  if (header.getUint32(12) !== crc32(bytes.subarray(16), crc32(bytes.subarray(0, 12)))) throw new Error('Its check sum differs.');
  const stored = bytes.subarray(16);
  const payload = header.getUint8(6) === 1 ? zstdDecompressSync(stored) : Buffer.from(stored);
  if (payload.byteLength !== header.getUint32(8)) throw new Error('Its length differs.');
  const tableLength = payload.readUInt32BE(0);
  return { table: messagePack.unpack(payload.subarray(4, 4 + tableLength)), sections: payload.subarray(4 + tableLength) };
}

const valuesIn = (bytes: Uint8Array): readonly unknown[] =>
  bytes.byteLength === 0 ? [] : (messagePack.unpackMultiple(bytes) as unknown as readonly unknown[]);

function pairs<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return Array.from({ length: list.length / 2 }, (_, index) => [list[index * 2]!, list[index * 2 + 1]!] as const);
}
