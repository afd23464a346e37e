/** The sink: nothing visible before the commit, everything once after it, however often it is tried. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import { fileObjectStore } from '../../src/cloud/file/file-object-store.ts';
import { fileLimits } from '../../src/connectors/files/file-limits.ts';
import { files } from '../../src/connectors/files/index.ts';
import { ndjsonSink } from '../../src/connectors/files/ndjson-sink.ts';
import type { EpochName } from '../../src/stream/sink.ts';
import { memoryObjects, noClock } from './memory-objects.ts';
import { readAll, recordsOf } from './read-all.ts';

const jobId = '0123456789abcdef0123456789abcdef';
const operatorId = 'fedcba9876543210fedcba9876543210';
const final = `s3://bucket/out/part-${jobId}-fedcba987654-00002-00000007-000.ndjson`;
const epoch = (more: Partial<EpochName> = {}): EpochName => ({ checkpoint: 7, attempt: 9, nonce: 'aabb', ...more });

function start(limits = fileLimits) {
  const objects = memoryObjects();
  const context = { objects, clock: noClock, jobId, operatorId, resultDirectory: 's3://bucket/results', subtask: 2, parallelism: 3 };
  const sink = ndjsonSink('s3://bucket/out', limits);
  const contentOf = (uri: string) => Buffer.from(objects.map.get(uri) ?? []).toString();
  return { objects, context, sink, writer: sink.createWriter(context), contentOf };
}

describe('a writer', () => {
  it('stages an epoch under a hidden name, and a commit gives it its final one', async () => {
    const { objects, context, sink, writer, contentOf } = start();
    writer.write({ airport: 'ZÜR', at: new Date(0) }, undefined);
    writer.write([1, null], undefined);
    const [staged, ...rest] = await writer.prepareCommit(epoch());
    expect(rest).toEqual([]);
    expect([...objects.map.keys()]).toEqual([`s3://bucket/out/.weir-staging/${jobId}/fedcba987654-00002-7-9-aabb-000.ndjson`]);
    await sink.commit(JSON.parse(JSON.stringify(staged)), context);
    expect([...objects.map.keys()]).toEqual([final]);
    expect(contentOf(final)).toBe('{"airport":"ZÜR","at":"1970-01-01T00:00:00.000Z"}\n[1,null]\n');
  });

  it('stages nothing for an empty epoch, and each epoch for itself', async () => {
    const { objects, writer, contentOf } = start();
    expect(await writer.prepareCommit(epoch())).toEqual([]);
    writer.write(1, undefined);
    await writer.prepareCommit(epoch({ checkpoint: 8 }));
    writer.write(2, undefined);
    await writer.prepareCommit(epoch({ checkpoint: 9 }));
    expect([...objects.map.keys()].map(contentOf)).toEqual(['1\n', '2\n']);
  });

  it('forgets an attempt that failed, but leaves alone what it has staged', async () => {
    const { objects, writer, contentOf } = start();
    writer.write('first', undefined);
    const [first] = await writer.prepareCommit(epoch());
    writer.write('lost', undefined);
    writer.abort();
    writer.write('second', undefined);
    const [second] = await writer.prepareCommit(epoch({ attempt: 10, nonce: 'ccdd' }));
    expect([first, second].map((each) => contentOf((each as { staged: string }).staged))).toEqual(['"first"\n', '"second"\n']);
    expect((first as { final: string }).final).toBe((second as { final: string }).final);
    expect(objects.map.size).toBe(2);
  });

  it('writes several files of one large epoch, losing nothing between them', async () => {
    const { context, sink, writer, objects, contentOf } = start({ ...fileLimits, partBytesMax: 100_000 });
    const values = Array.from({ length: 60_000 }, (_, index) => index);
    for (const value of values) writer.write(value, undefined);
    const staged = await writer.prepareCommit(epoch());
    expect(staged.length).toBeGreaterThan(2);
    for (const each of staged) await sink.commit(each, context);
    const lines = [...objects.map.keys()].sort().map(contentOf).join('').trimEnd().split('\n');
    expect(lines.map(Number)).toEqual(values);
  });

  it.each([
    ['bigint', { count: 1n }],
    ['a byte array, however deep', { a: [{ b: new Uint8Array(2) }] }],
    ['undefined', undefined],
  ])('refuses %s by name instead of writing something else', (_, value) => {
    const { writer } = start();
    expect(() => writer.write(value, undefined)).toThrow(expect.objectContaining({ code: 'OUTPUT_NOT_JSON', domain: 'program' }));
  });
});

describe('a commit', () => {
  it('may be repeated', async () => {
    const { context, sink, writer, contentOf } = start();
    writer.write(1, undefined);
    const [staged] = await writer.prepareCommit(epoch());
    await sink.commit(staged!, context);
    await sink.commit(staged!, context);
    expect(contentOf(final)).toBe('1\n');
  });

  it('says so when output is lost', async () => {
    const { objects, context, sink, writer } = start();
    writer.write(1, undefined);
    const [staged] = await writer.prepareCommit(epoch());
    objects.map.clear();
    await expect(sink.commit(staged!, context)).rejects.toMatchObject({ code: 'OUTPUT_LOST', domain: 'external' });
  });
});

describe('the sink', () => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-sink-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('publishes on the local disk, whatever its path is made of, where its own source does not see what is staged', async () => {
    const output = join(directory, 'my results/100%/#1');
    const context = { ...start().context, objects: fileObjectStore({ random: systemRandom }) };
    const sink = files.ndjson(output);
    const writer = sink.createWriter(context);
    writer.write('published', undefined);
    const [staged] = await writer.prepareCommit(epoch());
    writer.write('staged', undefined);
    await writer.prepareCommit(epoch({ checkpoint: 8 }));
    await expect(readAll(recordsOf(output), context.objects)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await sink.commit(staged!, context);
    await sink.commit(staged!, context);
    expect(readdirSync(output).sort()).toEqual(['.weir-staging', `part-${jobId}-fedcba987654-00002-00000007-000.ndjson`]);
    expect(await readAll(recordsOf(output), context.objects)).toEqual(['published']);
  });
});
