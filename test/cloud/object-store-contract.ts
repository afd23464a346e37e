import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import type { ObjectStore } from '../../src/cloud/object-store.ts';
import { type Gaps, skipGaps } from './skip-gaps.ts';

export interface ObjectStoreUnderTest {
  readonly store: ObjectStore;
  /** A place of its own, e.g. `s3://bucket/some`, without a slash at the end. */
  readonly root: string;
  readonly close: () => Promise<void>;
  /** Makes the library under the store repeat the next write although it got through; left out where there is none. */
  readonly loseNextReply?: () => void;
}

/** What every object store must do, point by point of the contract in src/cloud/object-store.ts. */
export function objectStoreContract(name: string, make: () => Promise<ObjectStoreUnderTest>, gaps: Gaps = {}): void {
  describe(`${name} as an object store`, () => {
    skipGaps(gaps);
    let under: ObjectStoreUnderTest;
    let store: ObjectStore;
    let root: string;
    let roots = 0;

    beforeAll(async () => {
      under = await make();
      store = under.store;
    });
    beforeEach(() => {
      root = `${under.root}/${roots++}`;
    });
    afterAll(() => under.close());

    it('has nothing where nothing was put', async () => {
      const uri = `${root}/nothing`;
      expect(await store.get(uri)).toBeUndefined();
      expect(await store.get(uri, { offset: 0, length: 1 })).toBeUndefined();
      expect(await store.get(uri, { offset: 0, length: 0 })).toBeUndefined();
      expect(await store.head(uri)).toBeUndefined();
      expect(await store.list(`${root}/`)).toEqual({ objects: [], next: undefined });
      await store.delete(uri);
    });

    it('1: shows all of an object or nothing, also while it is put again', async () => {
      const uri = `${root}/object`;
      const bytes = new Uint8Array(300_000).fill(7);
      let puts = true;
      const writing = (async () => {
        for (let i = 0; i < 20; i++) await store.put(uri, bytes);
        puts = false;
      })();
      while (puts) {
        const read = await store.get(uri);
        if (read !== undefined) expect(read.byteLength).toBe(bytes.byteLength);
        for (const { uri: listed, bytes: size } of (await store.list(`${root}/`)).objects)
          expect([listed, size]).toEqual([uri, bytes.byteLength]);
      }
      await writing;
    });

    it('2: takes the same bytes under the same name again', async () => {
      const uri = `${root}/object`;
      await store.put(uri, utf8('same'));
      await store.put(uri, utf8('same'));
      expect(await store.get(uri)).toEqual(utf8('same'));
    });

    it('3: sees every put that was answered', async () => {
      for (const text of ['one', 'a longer two', '']) {
        await store.put(`${root}/object`, utf8(text));
        expect(await store.get(`${root}/object`)).toEqual(utf8(text));
        expect(await store.head(`${root}/object`)).toEqual({ uri: `${root}/object`, bytes: text.length });
        expect(await store.list(`${root}/`)).toEqual({ objects: [{ uri: `${root}/object`, bytes: text.length }], next: undefined });
      }
    });

    it('5: does each write once more without harm where a reply was lost', async () => {
      under.loseNextReply?.();
      await store.put(`${root}/staged`, utf8('text'));
      under.loseNextReply?.();
      expect(await store.publish(`${root}/staged`, `${root}/final`)).toBe('published');
      expect(await store.get(`${root}/final`)).toEqual(utf8('text'));
      under.loseNextReply?.();
      await store.delete(`${root}/final`);
      expect(await store.head(`${root}/final`)).toBeUndefined();
    });

    it('does not share bytes with the caller', async () => {
      const bytes = utf8('abc');
      await store.put(`${root}/object`, bytes);
      bytes[0] = 0;
      const read = await store.get(`${root}/object`);
      read![1] = 0;
      expect(await store.get(`${root}/object`)).toEqual(utf8('abc'));
    });

    it('gives ranges, cut at the end of the object', async () => {
      await store.put(`${root}/object`, utf8('0123456789'));
      const range = async (offset: number, length: number) =>
        Buffer.from((await store.get(`${root}/object`, { offset, length }))!).toString();
      expect(await range(0, 10)).toBe('0123456789');
      expect(await range(3, 4)).toBe('3456');
      expect(await range(8, 100)).toBe('89');
      expect(await range(10, 5)).toBe('');
      expect(await range(50, 5)).toBe('');
      expect(await range(2, 0)).toBe('');
    });

    it('keeps large objects whole', async () => {
      // Larger than the least part of an upload in parts.
      const bytes = Uint8Array.from({ length: 12_000_000 }, (_, i) => (i * 31) % 251);
      await store.put(`${root}/large`, bytes);
      expect(Buffer.compare((await store.get(`${root}/large`))!, bytes)).toBe(0);
      expect(
        Buffer.compare((await store.get(`${root}/large`, { offset: 1_999_999, length: 1_000 }))!, bytes.subarray(1_999_999, 2_000_999)),
      ).toBe(0);
    });

    it('lists by ascending URI what begins so, at any depth', async () => {
      const names = ['b/2', 'a', 'b/10', 'b', 'bc', 'b/c/d', 'B', '_x/y', 'b-1'].map((each) => (each === 'b' ? 'b.txt' : each));
      for (const each of names) await store.put(`${root}/${each}`, utf8(each));
      const list = async (prefix: string) => (await store.list(prefix)).objects.map((each) => each.uri.slice(root.length + 1));
      expect(await list(`${root}/`)).toEqual(names.toSorted());
      expect(await list(`${root}/b`)).toEqual(['b-1', 'b.txt', 'b/10', 'b/2', 'b/c/d', 'bc']);
      expect(await list(`${root}/b/`)).toEqual(['b/10', 'b/2', 'b/c/d']);
      expect(await list(`${root}/b/c/d`)).toEqual(['b/c/d']);
      expect(await list(`${root}/zzz`)).toEqual([]);
      expect(await list(root)).toEqual(names.toSorted());
    });

    it('lists by UTF-8 bytes, characters of more than 16 bits too', async () => {
      const names = ['a', 'z', '\u00e9', '\uffee', '\u{1f600}'];
      const uris = names.map((name) => `${root}/${root.startsWith('file:') ? encodeURIComponent(name) : name}`);
      for (const uri of uris.toReversed()) await store.put(uri, utf8(uri));
      const expected = uris.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect((await store.list(`${root}/`)).objects.map(({ uri }) => uri)).toEqual(expected);
    });

    it('lists in pages of at most 1000', async () => {
      const names = Array.from({ length: 1203 }, (_, i) => `n${i}`);
      for (let i = 0; i < names.length; i += 50)
        await Promise.all(names.slice(i, i + 50).map((each) => store.put(`${root}/${each}`, utf8(each))));
      const found: string[] = [];
      let next: string | undefined;
      do {
        const page = await store.list(`${root}/n`, next);
        expect(page.objects.length).toBeLessThanOrEqual(1000);
        found.push(...page.objects.map((each) => each.uri));
        next = page.next;
      } while (next !== undefined);
      expect(found).toEqual(names.map((each) => `${root}/${each}`).toSorted());
    });

    it('publishes a staged object once, and says so again afterwards', async () => {
      await store.put(`${root}/staging/part`, utf8('text'));
      expect(await store.publish(`${root}/staging/part`, `${root}/out/deep/final`)).toBe('published');
      expect(await store.get(`${root}/out/deep/final`)).toEqual(utf8('text'));
      expect(await store.head(`${root}/staging/part`)).toBeUndefined();
      expect(await store.publish(`${root}/staging/part`, `${root}/out/deep/final`)).toBe('published');
      expect((await store.list(`${root}/`)).objects).toEqual([{ uri: `${root}/out/deep/final`, bytes: 4 }]);
    });

    it('finishes a publication that was cut off half-way, and one of two at once', async () => {
      await store.put(`${root}/staged`, utf8('text'));
      await store.put(`${root}/final`, utf8('text'));
      expect(await store.publish(`${root}/staged`, `${root}/final`)).toBe('published');
      expect(await store.head(`${root}/staged`)).toBeUndefined();
      await store.put(`${root}/twice`, utf8('text'));
      const both = await Promise.all([store.publish(`${root}/twice`, `${root}/final2`), store.publish(`${root}/twice`, `${root}/final2`)]);
      expect(both).toEqual(['published', 'published']);
      expect(await store.get(`${root}/final2`)).toEqual(utf8('text'));
    });

    it('says when there is nothing to publish', async () => {
      expect(await store.publish(`${root}/staged`, `${root}/final`)).toBe('missing');
      expect(await store.head(`${root}/final`)).toBeUndefined();
    });

    it.each(['nonsense', '', 's3:/bucket/key', 'file://host/path', 's3://bucket', 'http://host/x', 'file:relative'])(
      'refuses the URI "%s"',
      async (uri) => {
        for (const refused of [
          store.get(uri),
          store.put(uri, utf8('x')),
          store.head(uri),
          store.list(uri),
          store.delete(uri),
          store.publish(uri, uri),
        ]) {
          await expect(refused).rejects.toMatchObject({ code: 'URI_INVALID' });
        }
      },
    );
  });
}
