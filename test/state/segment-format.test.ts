// Catches: readers that crash on damaged bytes, or take them for state; formats that change without a new version.
import { readFileSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeirError } from '../../src/base/errors.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import { type LoadedSegment, restoreSubtaskState, type SubtaskState } from '../../src/state/index.ts';
import { openSegment, sealSegment } from '../../src/state/segment-format.ts';
import { CommittedState, contentOf, operatorA, operatorB, vertexOf } from './fixtures.ts';

const options = { vertex: vertexOf(1, 16), subtask: 0 };
const as = { checkpoint: 1, attempt: 1 };

function fill(state: SubtaskState, keys: number): void {
  const operator = state.operator(operatorA);
  for (let key = 0; key < keys; key++) {
    operator.setCurrentKey(key, -1);
    operator.valueState('total').update({ count: key, text: `text ${key}` });
    operator.timers.register(key);
  }
  state.operator(operatorB).setOperatorValue('positions', { split: 'a', offset: 3 });
}

function sealed(keys: number): { readonly ref: Parameters<typeof restoreSubtaskState>[1][number]['ref']; readonly bytes: Uint8Array } {
  const committed = new CommittedState(options);
  committed.epoch((state) => fill(state, keys));
  return committed.shelf.load()[0]!;
}

/** Restoring these bytes works, or is refused in the proper way. */
function outcomeOf(ref: ReturnType<typeof sealed>['ref'], bytes: Uint8Array): string {
  try {
    restoreSubtaskState(options, [{ ref, bytes }], as);
    return 'restored';
  } catch (error) {
    if (!WeirError.is(error)) throw error;
    return error.code;
  }
}

function withCheck(bytes: Uint8Array): Uint8Array {
  const fixed = bytes.slice();
  new DataView(fixed.buffer).setUint32(12, crc32(fixed.subarray(16), crc32(fixed.subarray(0, 12))));
  return fixed;
}

describe('a segment at rest', () => {
  it('begins with WEIR and format version 1', () => {
    const { bytes } = sealed(3);
    expect(Buffer.from(bytes.subarray(0, 4)).toString('latin1')).toBe('WEIR');
    expect([...bytes.subarray(4, 6)]).toEqual([0, 1]);
  });

  it('is stored as it is when compression gains nothing', () => {
    expect(sealed(0).bytes[6]).toBe(1);
    const empty = {
      vertexId: '',
      subtask: 0,
      checkpoint: 1,
      attempt: 1,
      maxParallelism: 16,
      base: [],
      compactionCredit: 0,
      operatorState: false,
      sections: [],
    };
    const bytes = sealSegment({ table: empty, sections: new Uint8Array() });
    expect(openSegment(bytes).table).toEqual(empty);
  });

  it('is refused when any byte of it is another, or it is cut or longer', () => {
    const { ref, bytes } = sealed(40);
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.slice();
        damaged[at] = damaged[at]! ^ flip;
        expect(['SEGMENT_CORRUPT', 'SEGMENT_UNSUPPORTED']).toContain(outcomeOf(ref, damaged));
      }),
      { numRuns: 300 },
    );
    for (const length of [0, 3, 15, 16, 17, bytes.byteLength - 1])
      expect(outcomeOf(ref, bytes.subarray(0, length))).toBe('SEGMENT_CORRUPT');
    expect(outcomeOf(ref, Buffer.concat([bytes, Buffer.of(0)]))).toBe('SEGMENT_CORRUPT');
  });

  it('never crashes the reader, even when the damage comes with the right check sum', () => {
    const { ref, bytes } = sealed(8);
    // Stored as it is, so that the damage gets past the decompressor.
    const whole = concat(bytes.subarray(0, 16), zstdDecompressSync(bytes.subarray(16)));
    whole[6] = 0;
    expect(outcomeOf(ref, withCheck(whole))).toBe('restored');
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = whole.slice();
        const index = 16 + (at % (damaged.byteLength - 16));
        damaged[index] = damaged[index]! ^ flip;
        expect(['restored', 'SEGMENT_CORRUPT', 'SEGMENT_UNSUPPORTED', 'MAX_PARALLELISM_CHANGED']).toContain(
          outcomeOf(ref, withCheck(damaged)),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('is refused when its entries are not what its table says', () => {
    const { ref, bytes } = sealed(8);
    const { table, sections } = openSegment(bytes);
    fc.assert(
      fc.property(fc.nat(sections.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = sections.slice();
        damaged[at] = damaged[at]! ^ flip;
        expect(['restored', 'SEGMENT_CORRUPT']).toContain(outcomeOf(ref, sealSegment({ table, sections: damaged })));
      }),
      { numRuns: 500 },
    );
    for (let at = 0; at < sections.byteLength; at++) {
      for (const byte of [0xc1, 0xd4, 0xd5, 0xc7]) {
        const damaged = sections.slice();
        damaged[at] = byte;
        expect(['restored', 'SEGMENT_CORRUPT']).toContain(outcomeOf(ref, sealSegment({ table, sections: damaged })));
      }
    }
    const [first, ...others] = table.sections;
    for (const change of [{ length: first!.length + 1 }, { groups: [1, 2, 3] }, { groups: [] }, { name: 7 }]) {
      const changed = { ...table, sections: [{ ...first!, ...change }, ...others] } as typeof table;
      expect(outcomeOf(ref, sealSegment({ table: changed, sections }))).toBe('SEGMENT_CORRUPT');
    }
    for (const base of [[1], [16, 16], 'x'])
      expect(outcomeOf(ref, sealSegment({ table: { ...table, base } as typeof table, sections }))).toBe('SEGMENT_CORRUPT');
  });

  it('is refused by name when a newer Weir wrote it', () => {
    const { bytes } = sealed(1);
    const newer = bytes.slice();
    newer[5] = 2;
    expect(() => openSegment(newer)).toThrow('has format version 2, but this version of Weir reads versions up to 1');
    const { table, sections } = openSegment(bytes);
    const ofNewKind = { ...table, sections: [{ ...table.sections[0]!, kind: 'tree' }] } as unknown as typeof table;
    expect(() => openSegment(sealSegment({ table: ofNewKind, sections }))).toThrow('has a section of kind "tree"');
    const compressed = bytes.slice();
    compressed[6] = 9;
    expect(() => openSegment(withCheck(compressed))).toThrow('has compression 9');
  });

  it('reads as before when the first Weir wrote it', () => {
    const file = new URL('./golden/values-and-timers.json', import.meta.url);
    const golden = JSON.parse(readFileSync(file, 'utf8')) as { readonly ref: SegmentRef; readonly bytes: string }[];
    const [first, second] = golden.map(({ ref, bytes }) => ({ ref, bytes: new Uint8Array(Buffer.from(bytes, 'base64')) }));
    const keys = ['JFK', 'LAX', 7, 2.5, true, 5n, ['a', 1], { b: 1, a: 'x' }];
    const firstValue = (count: number) => ({ count, at: new Date(86_400_000), bytes: new Uint8Array([1, 2]), big: 7n });
    const values = keys.map((_, index) => [firstValue(index)]);
    const timers = keys.map((key, index) => [index * 10, key]);
    const contentAfter = (...segments: LoadedSegment[]) =>
      contentOf(restoreSubtaskState(options, segments, { checkpoint: segments.length, attempt: 1 }), keys, ['total']);
    const whole = { ref: { ...first!.ref, keyGroups: [[0, 15]] as const }, bytes: first!.bytes };
    const operatorB = { values: keys.map(() => [undefined]), operatorValues: [{ split: 'a', offset: 3 }, undefined], timers: [] };
    const none = [undefined, undefined];
    expect(contentAfter(whole)).toMatchObject({ content: [{ values, timers, operatorValues: none }, operatorB], entries: 16 });
    values[0] = ['changed'] as never;
    values[1] = [undefined] as never;
    expect(contentAfter(first!, second!)).toMatchObject({
      content: [{ values, timers: timers.slice(1), operatorValues: none }, operatorB],
      entries: 14,
    });
  });

  it('leaves the buffer it came in alone', () => {
    const committed = new CommittedState(options);
    committed.epoch((state) => {
      state.operator(operatorA).setCurrentKey('x', -1);
      state
        .operator(operatorA)
        .valueState('total')
        .update(new Uint8Array([1, 2, 3]));
    });
    const restored = committed.restored();
    restored.operator(operatorA).setCurrentKey('x', -1);
    const value = restored.operator(operatorA).valueState<Uint8Array>('total').value()!;
    expect(value).toEqual(new Uint8Array([1, 2, 3]));
    expect(value.buffer.byteLength).toBeLessThan(64);
  });
});

const concat = (one: Uint8Array, other: Uint8Array) => new Uint8Array(Buffer.concat([one, other]));
