import { checksumOf } from '../base/bytes.ts';
import type { ObjectStore } from '../cloud/index.ts';
import type { OutputRef, OutputSlice } from '../protocol/acknowledgement.ts';
import type { RecordRun } from './api.ts';
import { corrupt, decodeRun } from './run-codec.ts';

/** Slices that lie nearer to each other than this are read in one go: a request costs more than the bytes between. */
const gapReadBytesMax = 64 * 1024;

/** One run that a subtask wants of what another stored. */
export interface WantedRun {
  readonly output: OutputRef;
  readonly slice: OutputSlice;
}

/**
 * Reads runs, in the order wanted, each object in as few ranges as makes sense. A run that is wanted twice (of a
 * broadcast) is decoded once. A missing object is EXCHANGE_CORRUPT, as is anything that reads otherwise than it was written.
 */
export async function readRuns(objects: ObjectStore, wanted: readonly WantedRun[]): Promise<readonly RecordRun[]> {
  const byOutput = new Map<string, { readonly output: OutputRef; readonly slices: OutputSlice[] }>();
  for (const { output, slice } of wanted) {
    const name = nameOf(output);
    const group = byOutput.get(name) ?? { output, slices: [] };
    group.slices.push(slice);
    byOutput.set(name, group);
  }
  const decoded = new Map<string, RecordRun>();
  await Promise.all(
    [...byOutput].map(async ([name, { output, slices }]) => {
      for (const [slice, bytes] of await readSlices(objects, output, slices)) {
        const at = `${name} ${slice.offset}`;
        if (!decoded.has(at)) decoded.set(at, decodeRun(bytes));
      }
    }),
  );
  return wanted.map(({ output, slice }) => decoded.get(`${nameOf(output)} ${slice.offset}`)!);
}

const nameOf = (output: OutputRef): string => (output.at.kind === 'object' ? output.at.uri : `inline ${output.checksum}`);

async function readSlices(
  objects: ObjectStore,
  output: OutputRef,
  slices: readonly OutputSlice[],
): Promise<readonly (readonly [OutputSlice, Uint8Array])[]> {
  if (output.at.kind === 'inline') {
    const { bytes } = output.at;
    if (checksumOf(bytes) !== output.checksum) throw corrupt('the checksum of what an acknowledgement carries differs');
    return slices.map((slice) => [slice, cut(bytes, 0, slice)]);
  }
  const { uri } = output.at;
  const read = await Promise.all(
    rangesOf(slices).map(async (range) => {
      const bytes = await objects.get(uri, { offset: range.offset, length: range.length });
      if (bytes === undefined) throw corrupt(`${uri} does not exist`);
      if (bytes.byteLength !== range.length) throw corrupt(`${uri} ends ${range.length - bytes.byteLength} bytes early`);
      return range.slices.map((slice) => [slice, cut(bytes, range.offset, slice)] as const);
    }),
  );
  return read.flat();
}

interface Range {
  readonly offset: number;
  length: number;
  readonly slices: OutputSlice[];
}

function rangesOf(slices: readonly OutputSlice[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const slice of [...slices].sort((a, b) => a.offset - b.offset)) {
    const last = ranges.at(-1);
    if (last !== undefined && slice.offset - (last.offset + last.length) <= gapReadBytesMax) {
      last.length = Math.max(last.length, slice.offset + slice.length - last.offset);
      last.slices.push(slice);
    } else {
      ranges.push({ offset: slice.offset, length: slice.length, slices: [slice] });
    }
  }
  return ranges;
}

function cut(bytes: Uint8Array, at: number, slice: OutputSlice): Uint8Array {
  const from = slice.offset - at;
  if (from < 0 || from + slice.length > bytes.byteLength) throw corrupt('a slice lies outside of its bytes');
  return bytes.subarray(from, from + slice.length);
}
