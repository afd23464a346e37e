// Catches: an index of a level that says something else than the acknowledgements it was made of.
import { describe, expect, it } from 'vitest';
import { checksumOf } from '../../src/base/bytes.ts';
import { encodeLevelIndex, readLevelIndex, type SenderSaid } from '../../src/exchange/level-index.ts';
import { packSlices, unpackSlices } from '../../src/exchange/output-slices.ts';
import type { OutputSlice } from '../../src/protocol/acknowledgement.ts';
import { memoryCloud } from '../runtime/memory-cloud.ts';

const uri = 's3://bucket/exchange/level-1';
const slots = 3;
const bytes = Uint8Array.from({ length: 60 }, (_, i) => i);
/** To targets 0 to 5 ten bytes each, and over another edge one run to all of them. */
const slices: readonly OutputSlice[] = [
  ...Array.from({ length: 5 }, (_, target) => ({ edge: 0, target, offset: target * 10, length: 10 })),
  ...Array.from({ length: 6 }, (_, target) => ({ edge: 1, target, offset: 50, length: 10 })),
];
const said = (more: Partial<SenderSaid>): SenderSaid => ({ watermark: 5, idle: false, endOfInput: false, handover: false, ...more });
const inline = { at: { kind: 'inline' as const, bytes }, checksum: checksumOf(bytes), slices: packSlices(slices) };
const object = {
  at: { kind: 'object' as const, uri: 's3://bucket/exchange/v-1-ab' },
  checksum: 'c'.repeat(32),
  slices: packSlices(slices),
};
const senders = new Map<string, readonly SenderSaid[]>([
  ['a', [said({ output: inline }), said({ output: object, handover: true }), said({ watermark: null, idle: true })]],
  ['b', [said({ endOfInput: true, watermark: Number.MAX_SAFE_INTEGER })]],
]);

async function stored() {
  const { objects } = memoryCloud();
  const { bytes: index, ref } = encodeLevelIndex(senders, slots);
  await objects.put(uri, index);
  return { objects, index, ref: { uri, ...ref } };
}

describe('the index of a level', () => {
  it.each([0, 1, 2])('says what the acknowledgements say, to slot %i of what is for it', async (slot) => {
    const { objects, ref } = await stored();
    const of = await readLevelIndex(objects, ref, slot);
    const mine = slices.filter(({ target }) => target % slots === slot);
    for (const [vertexId, row] of senders) {
      for (const [subtask, { output: was, ...rest }] of row.entries()) {
        const { output, ...found } = of(vertexId, subtask)!;
        expect(found).toEqual(rest);
        if (was === undefined || output === undefined) {
          expect(output).toBe(was);
          continue;
        }
        const own = unpackSlices(output.slices);
        expect(own.map(({ edge, target, length }) => [edge, target, length])).toEqual(
          mine.map(({ edge, target, length }) => [edge, target, length]),
        );
        if (output.at.kind === 'object') {
          expect({ ...output, slices: own }).toEqual({ ...was, slices: mine });
          continue;
        }
        const { bytes: part } = output.at;
        expect(checksumOf(part)).toBe(output.checksum);
        const cut = own.map(({ offset, length }) => [...part.subarray(offset, offset + length)]);
        expect(cut).toEqual(mine.map(({ offset, length }) => [...bytes.subarray(offset, offset + length)]));
        // A run for several targets of the slot is there once.
        expect(part.byteLength).toBe(mine.filter(({ edge }) => edge === 0).length * 10 + 10);
      }
    }
    expect(of('a', 3)).toBeUndefined();
    expect(of('c', 0)).toBeUndefined();
  });

  it('is refused when it is gone, or its head or part were changed', async () => {
    const corrupt = expect.objectContaining({ code: 'EXCHANGE_CORRUPT' });
    const { objects, index, ref } = await stored();
    const changed = (at: number) => index.map((byte, i) => (i === at ? byte ^ 1 : byte));
    await objects.put(uri, changed(10));
    await expect(readLevelIndex(objects, ref, 0)).rejects.toThrow(corrupt);
    await objects.put(uri, changed(ref.headBytes + 10));
    await expect(readLevelIndex(objects, ref, 0)).rejects.toThrow(corrupt);
    await objects.delete(uri);
    await expect(readLevelIndex(objects, ref, 0)).rejects.toThrow(corrupt);
  });

  it('takes a few bytes for each sender and target', () => {
    const targets = Array.from({ length: 1_000 }, (_, target) => ({ edge: 0, target, offset: target * 2_000, length: 2_000 }));
    const slicesOf = packSlices(targets);
    const wide = Array.from({ length: 200 }, (_, subtask) =>
      said({
        output: {
          at: { kind: 'object', uri: `${object.at.uri}${'x'.repeat(200)}-${subtask}-${'f'.repeat(16)}` },
          checksum: object.checksum,
          slices: slicesOf,
        },
      }),
    );
    const { bytes: index, ref } = encodeLevelIndex(new Map([['a', wide]]), 250);
    expect(slicesOf.byteLength).toBeLessThan(9_000);
    expect(ref.headBytes).toBeLessThan(200 * 80 + 250 * 16);
    // Four targets and 200 senders for each slot.
    expect((index.byteLength - ref.headBytes) / 250).toBeLessThan(200 * 60);
  });
});
