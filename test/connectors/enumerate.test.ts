/** Which files an input names, and how they are cut and dealt out: every byte once, the same way each time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileLimits } from '../../src/connectors/files/file-limits.ts';
import { balance, planSplits, splitBytesFor } from '../../src/connectors/files/plan-splits.ts';
import { memoryObjects, noClock } from './memory-objects.ts';
import { readAll, recordsOf, splitsOf } from './read-all.ts';

const uris = async (objects: ReturnType<typeof memoryObjects>, input: string | readonly string[]) =>
  (await splitsOf(recordsOf(input), objects, 2)).map(({ split }) => split.uri);

describe('an input', () => {
  const objects = memoryObjects({
    's3://bucket/in/b.json': '[1]',
    's3://bucket/in/a.ndjson': '1\n',
    's3://bucket/in/deep/c.CSV': 'a\n1\n',
    's3://bucket/in/deep/d.jsonl': '1\n',
    's3://bucket/in/empty.json': '',
    's3://bucket/in/marker/': '',
    's3://bucket/in/_SUCCESS': 'x',
    's3://bucket/in/.weir-staging/job/x.ndjson': '1\n',
    's3://bucket/in/_temporary/x.ndjson': '1\n',
    's3://bucket/input.json': '[1]',
    's3://bucket/.hidden/e.json': '[1]',
  });

  it('that is a directory means all files below it in order, without hidden, empty and neighbouring ones', async () => {
    const expected = ['a.ndjson', 'b.json', 'deep/c.CSV', 'deep/d.jsonl'].map((name) => `s3://bucket/in/${name}`);
    expect(await uris(objects, 's3://bucket/in')).toEqual(expected);
    expect(await uris(objects, 's3://bucket/in/')).toEqual(expected);
  });

  it('that is a list keeps its order and takes each file once', async () => {
    expect(await uris(objects, ['s3://bucket/input.json', 's3://bucket/in/deep', 's3://bucket/input.json'])).toEqual([
      's3://bucket/input.json',
      's3://bucket/in/deep/c.CSV',
      's3://bucket/in/deep/d.jsonl',
    ]);
  });

  it('that is named is taken even from below a hidden directory, and a bucket is a directory', async () => {
    expect(await uris(objects, 's3://bucket/.hidden')).toEqual(['s3://bucket/.hidden/e.json']);
    expect(await uris(objects, 's3://bucket')).toHaveLength(5);
  });

  it.each([
    ['that does not exist', 's3://bucket/none.json', 'INPUT_NOT_FOUND'],
    ['that has only hidden files', 's3://bucket/in/_temporary/none', 'INPUT_NOT_FOUND'],
    ['of 0 bytes', 's3://bucket/in/empty.json', 'INPUT_EMPTY'],
    ['of an unknown format', 's3://bucket/in/_SUCCESS', 'UNKNOWN_FORMAT'],
    ['of an unknown scheme', 'https://example.com/x.json', 'UNUSABLE_URI'],
    ['without a bucket', 's3:///x.json', 'UNUSABLE_URI'],
    ['without a name', '', 'UNUSABLE_URI'],
  ])('%s is the user’s error, with advice', async (_, input, code) => {
    await expect(splitsOf(recordsOf(input), objects, 1)).rejects.toMatchObject({
      code,
      domain: 'user',
      advice: expect.stringMatching(/\.$/),
    });
  });

  it('ending in .json is an array or a value per line, whichever it turns out to be', async () => {
    const both = memoryObjects({ 's3://bucket/a.json': ' \n\t[1,2]', 's3://bucket/b.json': '\ufeff1\n2\n' });
    const splits = await splitsOf(recordsOf(['s3://bucket/a.json', 's3://bucket/b.json']), both, 1);
    expect(splits.map(({ split }) => split.format)).toEqual(['jsonArray', 'ndjson']);
    expect(await readAll(recordsOf(['s3://bucket/a.json', 's3://bucket/b.json']), both)).toEqual([1, 2, 1, 2]);
  });
});

describe('splits', () => {
  it('cover every byte once, in about equal parts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1 }), fc.integer({ min: 1, max: 64 }), (sizes, parallelism) => {
        const files = sizes.map((bytes, index) => ({ uri: `s3://b/${index}`, bytes, format: 'ndjson' as const }));
        const splitBytes = splitBytesFor(files, parallelism, fileLimits);
        const splits = planSplits(files, splitBytes);
        for (const file of files) {
          const own = splits.filter(({ uri }) => uri === file.uri);
          expect(own[0]!.start).toBe(0);
          expect(own.at(-1)!.end).toBe(file.bytes);
          own.slice(1).forEach((split, index) => expect(split.start).toBe(own[index]!.end));
          for (const { start, end } of own) expect(end - start).toBeLessThanOrEqual(splitBytes);
        }
        expect(splits.length).toBeLessThanOrEqual(fileLimits.splitsMax + files.length + parallelism);
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('are never so short that opening them costs more than reading, nor longer than 16 MiB', () => {
    const file = (bytes: number) => [{ uri: 's3://b/x', bytes, format: 'lines' as const }];
    expect(splitBytesFor(file(1000), 4, fileLimits)).toBe(64 * 1024);
    expect(splitBytesFor(file(2_000_000), 4, fileLimits)).toBe(500_000);
    expect(splitBytesFor(file(1_000_000_000), 4, fileLimits)).toBe(16 * 1024 * 1024);
  });

  it('of CSV files and JSON arrays are whole files', () => {
    const whole = planSplits(
      [
        { uri: 's3://b/x.csv', bytes: 1e9, format: 'csv' },
        { uri: 's3://b/x.json', bytes: 1e9, format: 'jsonArray' },
      ],
      1000,
    );
    expect(whole.map(({ start, end }) => [start, end])).toEqual([
      [0, 1e9],
      [0, 1e9],
    ]);
  });

  it('go to subtasks by size, so that none has more than the largest split above its share', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (sizes, parallelism) => {
        const splits = planSplits(
          sizes.map((bytes, index) => ({ uri: `s3://b/${index}`, bytes, format: 'csv' })),
          1000,
        );
        const loads = new Array<number>(parallelism).fill(0);
        balance(splits, parallelism).forEach((subtask, index) => (loads[subtask]! += sizes[index]!));
        const share = sizes.reduce((sum, size) => sum + size, 0) / parallelism;
        expect(Math.max(...loads)).toBeLessThanOrEqual(share + Math.max(...sizes));
      }),
      { seed: 11 },
    );
  });

  it('are found alike each time, and handed out in portions that fit into a record', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`s3://bucket/in/${String(index).padStart(3, '0')}.ndjson`, '1\n'.repeat(index + 1)]),
    );
    const objects = memoryObjects(many);
    const atOnce = await splitsOf(recordsOf('s3://bucket/in'), objects, 3);
    const portions = recordsOf('s3://bucket/in', {}, { enumerationBytesMax: 1000 });
    expect(await splitsOf(portions, objects, 3)).toEqual(atOnce);
    expect(new Set(atOnce.map(({ splitId }) => splitId)).size).toBe(100);
    const context = { objects, clock: noClock, processingTime: 42, parallelism: 3 };
    const first = await portions.enumerate(undefined, context);
    expect(first).toMatchObject({ done: false, nextDueAt: 42 });
    expect(first.assignments.length).toBeLessThan(20);
    expect(await portions.enumerate(first.state, context)).toEqual(await portions.enumerate(first.state, context));
  });

  it('are not handed out any further once the files have changed', async () => {
    const objects = memoryObjects({ 's3://bucket/in/a.ndjson': '1\n', 's3://bucket/in/b.ndjson': '1\n' });
    const source = recordsOf('s3://bucket/in', {}, { enumerationBytesMax: 1 });
    const context = { objects, clock: noClock, processingTime: 0, parallelism: 1 };
    const first = await source.enumerate(undefined, context);
    objects.map.set('s3://bucket/in/c.ndjson', Buffer.from('1\n'));
    await expect(source.enumerate(first.state, context)).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
  });

  it('are not looked for again once all are handed out', async () => {
    const objects = memoryObjects({ 's3://bucket/a.ndjson': '1\n' });
    const context = { objects, clock: noClock, processingTime: 0, parallelism: 1 };
    const source = recordsOf('s3://bucket/a.ndjson');
    const first = await source.enumerate(undefined, context);
    objects.map.clear();
    expect(await source.enumerate(first.state, context)).toEqual({ state: first.state, assignments: [], done: true });
  });
});

describe('options', () => {
  it('that make no sense are refused when the job is built', () => {
    expect(() => recordsOf('x.json', { recordsPerSecond: 0 })).toThrow('expected recordsPerSecond above 0, found 0');
    expect(() => recordsOf('x.json', { recordsPerSecond: Number.NaN })).toThrow('recordsPerSecond');
    expect(() => recordsOf([])).toThrow('expected at least one input');
    expect(recordsOf('x.json', { recordsPerSecond: 500 }).recordsPerSecond).toBe(500);
  });
});
