import type { OutputSlice } from '../protocol/acknowledgement.ts';
import { decodeValue, encodeValue } from '../values/serializer.ts';

/*
 * Slices as an acknowledgement carries them: one MessagePack list of edge, target, step and length, again and again, where
 * the step leads from the end of the slice before. So most slices take some seven bytes.
 */
export function packSlices(slices: readonly OutputSlice[]): Uint8Array {
  const numbers: number[] = [];
  let end = 0;
  for (const { edge, target, offset, length } of slices) {
    numbers.push(edge, target, offset - end, length);
    end = offset + length;
  }
  return encodeValue(numbers);
}

export function unpackSlices(packed: Uint8Array): readonly OutputSlice[] {
  const numbers = decodeValue(packed) as readonly number[];
  const slices: OutputSlice[] = [];
  let end = 0;
  for (let i = 0; i < numbers.length; i += 4) {
    const offset = end + numbers[i + 2]!;
    const length = numbers[i + 3]!;
    slices.push({ edge: numbers[i]!, target: numbers[i + 1]!, offset, length });
    end = offset + length;
  }
  return slices;
}

/** The slices of one output by edge and target. */
export class SliceTable {
  readonly #byName = new Map<string, OutputSlice>();

  constructor(packed: Uint8Array) {
    for (const slice of unpackSlices(packed)) this.#byName.set(`${slice.edge}/${slice.target}`, slice);
  }

  /** Nothing: nothing was sent. */
  of(edge: number, target: number): OutputSlice | undefined {
    return this.#byName.get(`${edge}/${target}`);
  }
}
