import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import type { RecordFields, RecordKey, RecordStore, RecordValue, StoredRecord } from '../../src/cloud/record-store.ts';
import { type Gaps, skipGaps } from './skip-gaps.ts';

export interface RecordStoreUnderTest {
  readonly store: RecordStore;
  readonly close: () => Promise<void>;
  /**
   * Makes the library under the store repeat the next write by itself although it got through, as if the reply was
   * lost. A store without such a layer leaves it out.
   */
  readonly loseNextReply?: () => void;
}

/** What every record store must do, point by point of the contract in src/cloud/record-store.ts. */
export function recordStoreContract(name: string, make: () => Promise<RecordStoreUnderTest>, gaps: Gaps = {}): void {
  describe(`${name} as a record store`, () => {
    skipGaps(gaps);
    let under: RecordStoreUnderTest;
    let store: RecordStore;
    let partitions = 0;
    const fresh = (sort = 'sort'): RecordKey => ({ partition: `partition-${partitions++}`, sort });

    beforeAll(async () => {
      under = await make();
      store = under.store;
    });
    afterAll(() => under.close());

    const absent = { kind: 'absent' } as const;
    const always = { kind: 'always' } as const;
    const revision = (number: number) => ({ kind: 'revision', revision: number }) as const;
    const record = (key: RecordKey, number: number, fields: RecordFields): StoredRecord => ({ key, revision: number, fields });

    it('has nothing where nothing was put', async () => {
      const key = fresh();
      expect(await store.get(key)).toBeUndefined();
      expect(await store.getMany([key, key])).toEqual([undefined, undefined]);
      expect(await store.query(key.partition)).toEqual({ records: [], next: undefined });
      await store.delete(key);
    });

    it('1: sees every write that was answered', async () => {
      const key = fresh();
      for (let i = 1; i <= 5; i++) {
        await store.put(key, { i }, always);
        expect(await store.get(key)).toEqual(record(key, i, { i }));
        expect(await store.getMany([key])).toEqual([record(key, i, { i })]);
        expect((await store.query(key.partition)).records).toEqual([record(key, i, { i })]);
      }
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
      expect((await store.query(key.partition)).records).toEqual([]);
    });

    it('2: puts under a condition only where it holds, and says what stands there otherwise', async () => {
      const key = fresh();
      expect(await store.put(key, { by: 'a' }, revision(1))).toEqual({ kind: 'conflict', current: undefined });
      expect(await store.put(key, { by: 'b' }, absent)).toEqual({ kind: 'stored', revision: 1 });
      expect(await store.put(key, { by: 'c' }, absent)).toEqual({ kind: 'conflict', current: record(key, 1, { by: 'b' }) });
      expect(await store.put(key, { by: 'd' }, revision(1))).toEqual({ kind: 'stored', revision: 2 });
      expect(await store.put(key, { by: 'e' }, revision(1))).toEqual({ kind: 'conflict', current: record(key, 2, { by: 'd' }) });
      expect(await store.put(key, { by: 'f' }, revision(3))).toEqual({ kind: 'conflict', current: record(key, 2, { by: 'd' }) });
      expect(await store.get(key)).toEqual(record(key, 2, { by: 'd' }));
    });

    it('2: replaces the whole record', async () => {
      const key = fresh();
      await store.put(key, { a: 1, b: 2 }, absent);
      await store.put(key, { c: 3 }, revision(1));
      expect((await store.get(key))?.fields).toEqual({ c: 3 });
      expect(await store.put(key, { d: 4 }, always)).toEqual({ kind: 'stored', revision: 3 });
      expect((await store.get(key))?.fields).toEqual({ d: 4 });
    });

    it('2: lets exactly one of several win', async () => {
      const key = fresh();
      const first = await Promise.all(Array.from({ length: 8 }, (_, by) => store.put(key, { by }, absent)));
      const winner = first.findIndex((outcome) => outcome.kind === 'stored');
      expect(first.filter((outcome) => outcome.kind === 'stored')).toHaveLength(1);
      for (const outcome of first) if (outcome.kind === 'conflict') expect(outcome.current).toEqual(record(key, 1, { by: winner }));
      const second = await Promise.all(Array.from({ length: 8 }, (_, by) => store.put(key, { by }, revision(1))));
      expect(second.filter((outcome) => outcome.kind === 'stored')).toEqual([{ kind: 'stored', revision: 2 }]);
    });

    it('2: gives each unconditional put a revision of its own', async () => {
      const key = fresh();
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, by) => store.put(key, { by }, always)));
      const revisions = outcomes.map((outcome) => (outcome.kind === 'stored' ? outcome.revision : 0));
      expect(revisions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(await store.get(key)).toEqual(record(key, 8, { by: revisions.indexOf(8) }));
    });

    it('3: reports a put as stored although its first reply was lost and it was repeated', async () => {
      const key = fresh();
      under.loseNextReply?.();
      expect(await store.put(key, { by: 'absent' }, absent)).toEqual({ kind: 'stored', revision: 1 });
      under.loseNextReply?.();
      expect(await store.put(key, { by: 'revision' }, revision(1))).toEqual({ kind: 'stored', revision: 2 });
      under.loseNextReply?.();
      expect(await store.put(key, { by: 'always' }, always)).toEqual({ kind: 'stored', revision: 3 });
      expect(await store.get(key)).toEqual(record(key, 3, { by: 'always' }));
      under.loseNextReply?.();
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
    });

    it('3: reports a repeated put that never held as a conflict', async () => {
      const key = fresh();
      await store.put(key, { by: 'other' }, absent);
      under.loseNextReply?.();
      expect(await store.put(key, { by: 'late' }, absent)).toEqual({ kind: 'conflict', current: record(key, 1, { by: 'other' }) });
      await store.put(key, { by: 'other' }, revision(1));
      under.loseNextReply?.();
      expect(await store.put(key, { by: 'late' }, revision(1))).toEqual({ kind: 'conflict', current: record(key, 2, { by: 'other' }) });
    });

    it('5: keeps a record that may expire later readable', async () => {
      const key = fresh();
      const later = 4_000_000_000_000;
      await store.put(key, { a: 1 }, absent, later);
      expect(await store.get(key)).toEqual(record(key, 1, { a: 1 }));
      await store.put(key, { a: 2 }, always, later + 1);
      await store.put(key, { a: 3 }, always);
      expect(await store.get(key)).toEqual(record(key, 3, { a: 3 }));
    });

    it('deletes, and begins with the first revision again', async () => {
      const key = fresh();
      await store.put(key, { a: 1 }, absent);
      await store.put(key, { a: 2 }, revision(1));
      await store.delete(key);
      expect(await store.put(key, { a: 3 }, revision(2))).toEqual({ kind: 'conflict', current: undefined });
      expect(await store.put(key, { a: 3 }, absent)).toEqual({ kind: 'stored', revision: 1 });
    });

    it('keeps values of every kind exactly, and leaves undefined fields out', async () => {
      const key = fresh();
      const fields: RecordFields = {
        text: 'Jürgen \u{1f600}',
        empty: '',
        numbers: [0, -1, 1.5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e21, 1.234567890123e-7, 0.1 + 0.2, 1e125, 1e-130],
        flags: [true, false, null],
        bytes: new Uint8Array([0, 1, 254, 255]),
        noBytes: new Uint8Array(0),
        nested: { list: [{ a: [] }, {}], 'any name.#:': 'x' },
      };
      await store.put(key, { ...fields, missing: undefined, nested: { ...(fields['nested'] as object), missing: undefined } }, absent);
      const read = await store.get(key);
      expect(read?.fields).toEqual(fields);
      expect(Object.keys(read!.fields)).not.toContain('missing');
      expect(Object.keys(read!.fields['nested'] as object)).not.toContain('missing');
    });

    it('keeps any fields that are put', async () => {
      const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__');
      const value = fc.letrec<{ value: unknown }>((tie) => ({
        value: fc.oneof(
          { depthSize: 'small' },
          fc.string({ unit: 'grapheme' }),
          fc.maxSafeInteger(),
          fc.boolean(),
          fc.constant(null),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
        ),
      })).value as fc.Arbitrary<RecordValue>;
      await fc.assert(
        fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }), async (fields) => {
          const key = fresh();
          await store.put(key, fields, absent);
          expect((await store.get(key))?.fields).toEqual(fields);
        }),
        { seed: 29, numRuns: 40 },
      );
    });

    it('does not share what it was given or gave out with the caller', async () => {
      const key = fresh();
      const fields = { list: [1], bytes: new Uint8Array([1]) };
      await store.put(key, fields, absent);
      fields.list.push(2);
      fields.bytes[0] = 2;
      const read = await store.get(key);
      expect(read?.fields).toEqual({ list: [1], bytes: new Uint8Array([1]) });
      (read!.fields['bytes'] as Uint8Array)[0] = 3;
      expect((await store.get(key))?.fields).toEqual({ list: [1], bytes: new Uint8Array([1]) });
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the number %s', async (number) => {
      await expect(store.put(fresh(), { number }, absent)).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    });

    it('takes records up to the bound and refuses larger ones, without a trace', async () => {
      const key = fresh();
      const room = new Uint8Array(limits.recordBytesMax - 256);
      expect((await store.put(key, { room }, absent)).kind).toBe('stored');
      expect(((await store.get(key))!.fields['room'] as Uint8Array).byteLength).toBe(room.byteLength);
      const other = fresh();
      await expect(store.put(other, { room: new Uint8Array(limits.recordBytesMax) }, absent)).rejects.toMatchObject({
        code: 'RECORD_TOO_LARGE',
      });
      expect(await store.get(other)).toBeUndefined();
    });

    it('gets many at once, in the order of the keys, missing ones and doubles among them', async () => {
      const { partition } = fresh();
      const keys = Array.from({ length: 250 }, (_, i) => ({ partition: `${partition}-${i % 7}`, sort: `s${i}` }));
      await Promise.all(keys.map(async (key, i) => i % 3 === 0 || (await store.put(key, { i }, absent))));
      const asked = [...keys, keys[4]!, keys[1]!, keys[0]!, keys[4]!];
      const records = await store.getMany(asked);
      expect(records.map((each) => each?.fields['i'])).toEqual([...keys.map((_, i) => (i % 3 === 0 ? undefined : i)), 4, 1, undefined, 4]);
      expect(records[4]?.key).toEqual(keys[4]);
      expect(await store.getMany([])).toEqual([]);
    });

    it('gets many that are large together', async () => {
      const { partition } = fresh();
      const keys = Array.from({ length: 50 }, (_, i) => ({ partition, sort: `s${i}` }));
      for (const [i, key] of keys.entries()) await store.put(key, { i, room: new Uint8Array(380_000) }, absent);
      const records = await store.getMany(keys);
      expect(records.map((each) => each?.fields['i'])).toEqual(keys.map((_, i) => i));
      await Promise.all(keys.map((key) => store.delete(key)));
    });

    it('keeps partitions and sort keys apart, whatever characters they hold', async () => {
      const { partition } = fresh();
      const keys = [
        { partition: `${partition}/a`, sort: 'b' },
        { partition, sort: 'a/b' },
        { partition: `${partition}a`, sort: 'b' },
        { partition, sort: 'ab' },
        { partition: `${partition}#ü`, sort: 'b' },
      ];
      for (const [i, key] of keys.entries()) expect(await store.put(key, { i }, absent)).toEqual({ kind: 'stored', revision: 1 });
      expect((await store.getMany(keys)).map((each) => each?.fields['i'])).toEqual([0, 1, 2, 3, 4]);
    });

    describe('queries', () => {
      const sorts = ['', '!', 'A', 'B', 'a', 'a#1', 'a#10', 'a#2', 'b', 'z', '~', 'é', '\uffee', '\u{1f600}'].filter((sort) => sort !== '');
      let partition: string;
      const all = async (options: { readonly prefix?: string; readonly after?: string; readonly limit?: number }) => {
        const found: string[] = [];
        let after = options.after;
        let pages = 0;
        do {
          const page = await store.query(partition, after === undefined ? options : { ...options, after });
          expect(page.records.length).toBeLessThanOrEqual(options.limit ?? Number.POSITIVE_INFINITY);
          found.push(...page.records.map((each) => each.key.sort));
          after = page.next;
          expect(++pages).toBeLessThan(50);
        } while (after !== undefined);
        return found;
      };

      beforeAll(async () => {
        partition = fresh().partition;
        for (const sort of sorts.toReversed()) await store.put({ partition, sort }, { sort }, absent);
        await store.put({ partition: `${partition}x`, sort: 'a' }, {}, absent);
      });

      it('come by ascending sort key, compared as UTF-8 bytes', async () => {
        expect(await all({})).toEqual(sorts);
      });

      it('come in pages', async () => {
        for (const limit of [1, 2, 3, 5, 100]) expect(await all({ limit })).toEqual(sorts);
      });

      it('can be narrowed to a prefix, in pages too', async () => {
        expect(await all({ prefix: 'a' })).toEqual(['a', 'a#1', 'a#10', 'a#2']);
        expect(await all({ prefix: 'a#', limit: 1 })).toEqual(['a#1', 'a#10', 'a#2']);
        expect(await all({ prefix: 'nothing' })).toEqual([]);
        expect(await all({ prefix: '' })).toEqual(sorts);
      });

      it('can begin after any sort key, also one that does not exist or lacks the prefix', async () => {
        expect(await all({ after: 'a' })).toEqual(sorts.slice(sorts.indexOf('a') + 1));
        expect(await all({ after: 'a!' })).toEqual(sorts.slice(sorts.indexOf('a') + 1));
        expect(await all({ prefix: 'a', after: 'a#1' })).toEqual(['a#10', 'a#2']);
        expect(await all({ prefix: 'a', after: 'A' })).toEqual(['a', 'a#1', 'a#10', 'a#2']);
        expect(await all({ prefix: 'a', after: 'b' })).toEqual([]);
        expect(await all({ after: '\u{1f600}' })).toEqual([]);
      });

      it('of much data come in pages by themselves', async () => {
        const large = fresh().partition;
        for (let i = 0; i < 6; i++) await store.put({ partition: large, sort: `s${i}` }, { room: new Uint8Array(380_000) }, absent);
        const found: string[] = [];
        let next: string | undefined;
        do {
          const page = await store.query(large, next === undefined ? {} : { after: next });
          found.push(...page.records.map((each) => each.key.sort));
          next = page.next;
        } while (next !== undefined);
        expect(found).toEqual(['s0', 's1', 's2', 's3', 's4', 's5']);
      });
    });
  });
}
