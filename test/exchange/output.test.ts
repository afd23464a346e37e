// Catches: records that reach the wrong subtask, twice or not at all, and replays that route differently.
import { describe, expect, it } from 'vitest';
import type { RecordRun } from '../../src/exchange/api.ts';
import { readRuns } from '../../src/exchange/input-reader.ts';
import { SliceTable, unpackSlices } from '../../src/exchange/output-slices.ts';
import { type OutputEdge, OutputWriter } from '../../src/exchange/output-writer.ts';
import { divideOutput, encodeOutput, storeOutput } from '../../src/exchange/store-output.ts';
import type { Partitioning } from '../../src/graph/job-graph.ts';
import { subtaskOfKeyGroup } from '../../src/graph/key-groups.ts';
import { keyGroupOf } from '../../src/values/key-hash.ts';
import { memoryCloud } from '../runtime/memory-cloud.ts';

const edgeOf = (partitioning: Partitioning, targets: number, edge = 0): OutputEdge => ({
  edge,
  partitioning,
  senders: partitioning === 'forward' ? targets : 2,
  targets,
  maxParallelism: 128,
  key: partitioning === 'hash' ? (value) => (value as { readonly key: string }).key : undefined,
});

const elements = Array.from({ length: 100 }, (_, i) => ({ key: `k${i % 13}`, i }));

function write(edges: readonly OutputEdge[], subtask = 1, stamp = 1_000) {
  const writer = new OutputWriter(edges, subtask);
  writer.begin(Number.NEGATIVE_INFINITY, stamp);
  for (const element of elements) {
    for (const edge of writer.edges) edge.receive(element, element.i);
    writer.watermark = element.i - 1;
  }
  return writer.take();
}

const byTarget = (gathered: ReturnType<typeof write>): ReadonlyMap<number, readonly unknown[]> =>
  new Map(gathered.flatMap(({ targets, run }) => targets.map((target) => [target, [...run.values]])));

describe('what a subtask emits', () => {
  it('goes by key to the subtask that holds the key, with key and key group', () => {
    const gathered = write([edgeOf('hash', 3)]);
    expect(gathered.flatMap(({ run }) => [...run.values])).toHaveLength(100);
    for (const { targets, run } of gathered) {
      [...run.values].forEach((value, i) => {
        const { key } = value as { readonly key: string };
        expect(run.keys![i]).toBe(key);
        expect(run.keyGroups![i]).toBe(keyGroupOf(key, 128));
        expect(targets).toEqual([subtaskOfKeyGroup(run.keyGroups![i]!, 3, 128)]);
      });
    }
  });

  it('goes without its key where that is a field of the record, and without key groups where keys are integers', () => {
    const byText = write([{ ...edgeOf('hash', 3), keyInRecord: true }]);
    for (const { run } of byText) {
      expect(run.keys).toBeUndefined();
      expect(Array.from(run.keyGroups!)).toEqual([...run.values].map((value) => keyGroupOf((value as { key: string }).key, 128)));
    }
    const byNumber = write([{ ...edgeOf('hash', 3), key: (value) => (value as { readonly i: number }).i }]);
    for (const { targets, run } of byNumber) {
      expect(run.keys).toEqual([...run.values].map((value) => (value as { readonly i: number }).i));
      expect(run.keyGroups).toBeUndefined();
      for (const key of run.keys!) expect(targets).toEqual([subtaskOfKeyGroup(keyGroupOf(key, 128), 3, 128)]);
    }
    const byEither = write([{ ...edgeOf('hash', 1), key: (value) => ((value as { i: number }).i < 50 ? 1 : 'text') }]);
    expect(Array.from(byEither[0]!.run.keyGroups!)).toEqual(elements.map(({ i }) => (i < 50 ? -1 : keyGroupOf('text', 128))));
  });

  it('is gathered anew in each epoch, whatever the epochs before held', () => {
    const writer = new OutputWriter([edgeOf('hash', 2)], 0);
    const epochs = [
      elements,
      elements.slice(0, 3),
      elements.map((element) => ({ ...element, i: element.i / 2 })),
      elements.map(({ key, i }) => ({ i, key })),
      elements.map((element) => ({ ...element, text: `t${element.i}` })),
      [...elements, { key: 'k1' }],
      elements,
    ];
    for (const records of [...epochs, ...epochs]) {
      writer.begin(Number.NEGATIVE_INFINITY, 1);
      for (const record of records) writer.edges[0]!.receive(record, Number.NaN);
      const found = writer.take().flatMap(({ run }) => [...run.values]);
      const ofKey = (key: string) => (record: unknown) => (record as { readonly key: string }).key === key;
      for (const { key } of records) expect(found.filter(ofKey(key))).toStrictEqual(records.filter(ofKey(key)));
      expect(found).toHaveLength(records.length);
    }
  });

  it('goes to all subtasks in turn, beginning with its own number, anew in each epoch', () => {
    const writer = new OutputWriter([edgeOf('rebalance', 3)], 1);
    for (const stamp of [1, 2]) {
      writer.begin(Number.NEGATIVE_INFINITY, stamp);
      for (const element of elements.slice(0, 4)) writer.edges[0]!.receive(element.i, Number.NaN);
      const sent = byTarget(writer.take());
      expect([sent.get(0), sent.get(1), sent.get(2)]).toEqual([[2], [0, 3], [1]]);
    }
  });

  it('goes where a partitioner says, and nowhere else', () => {
    const partition = (value: unknown, targets: number) => (value as { readonly i: number }).i % targets;
    const sent = byTarget(write([{ ...edgeOf('custom', 3), partition }]));
    for (const target of [0, 1, 2]) expect(sent.get(target)).toEqual(elements.filter(({ i }) => i % 3 === target));
    for (const wrong of [3, -1, 0.5, Number.NaN])
      expect(() => write([{ ...edgeOf('custom', 3), partition: () => wrong }])).toThrow(`from 0 to 2, but gave ${wrong}.`);
  });

  it('is shuffled the same way in every replay of an epoch, and evenly enough', () => {
    expect(byTarget(write([edgeOf('shuffle', 4)]))).toEqual(byTarget(write([edgeOf('shuffle', 4)])));
    expect(byTarget(write([edgeOf('shuffle', 4)], 1, 2_000))).not.toEqual(byTarget(write([edgeOf('shuffle', 4)])));
    for (const values of byTarget(write([edgeOf('shuffle', 4)])).values()) expect(values.length).toBeGreaterThan(10);
  });

  it('reaches all subtasks over a broadcast edge, one over a global or forward edge', () => {
    expect([...byTarget(write([edgeOf('broadcast', 3)])).values()]).toEqual([elements, elements, elements]);
    expect([...byTarget(write([edgeOf('global', 3)]))]).toEqual([[0, elements]]);
    expect([...byTarget(write([edgeOf('forward', 3)], 2))]).toEqual([[2, elements]]);
  });

  it('says before which records the watermark rose', () => {
    const writer = new OutputWriter([edgeOf('forward', 3)], 1);
    writer.begin(5, 1);
    for (const watermark of [5, 7, 7, 9, 20]) {
      writer.watermark = watermark;
      if (watermark !== 9) writer.edges[0]!.receive(watermark, Number.NaN);
    }
    const { run } = writer.take()[0]!;
    expect({ ...run, values: [...run.values] }).toMatchObject({
      values: [5, 7, 7, 20],
      risesAt: [1, 3],
      risesTo: [7, 20],
      timestamps: undefined,
    });
  });

  it('has timestamps as soon as one record has', () => {
    const writer = new OutputWriter([edgeOf('forward', 3)], 1);
    writer.begin(5, 1);
    writer.edges[0]!.receive('a', Number.NaN);
    writer.edges[0]!.receive('b', 3);
    expect(writer.take()[0]!.run.timestamps).toEqual([Number.NaN, 3]);
  });

  it('is refused when it is not plain data, even if it would stay in memory', () => {
    const writer = new OutputWriter([edgeOf('forward', 3)], 1);
    writer.begin(5, 1);
    expect(() => writer.edges[0]!.receive({ at: new Map() }, 1)).toThrow(expect.objectContaining({ code: 'VALUE_NOT_PLAIN' }));
  });
});

describe('what is handed over', () => {
  const plain = (run: RecordRun | undefined) =>
    run && {
      values: [...run.values],
      keys: run.keys,
      keyGroups: Array.from(run.keyGroups ?? []),
      timestamps: Array.from(run.timestamps ?? []),
      risesAt: [...Array.from(run.risesAt)],
      risesTo: [...Array.from(run.risesTo)],
    };

  it.each([
    ['inside the acknowledgement', 1],
    ['as one object', 300],
  ])('through storage %s reads as it was, for every subtask', async (_where, times) => {
    const cloud = memoryCloud();
    const gathered = write([edgeOf('hash', 5, 0), edgeOf('broadcast', 5, 1)]).map((each) => ({ ...each, run: repeat(each.run, times) }));
    const { kept, sent } = divideOutput(gathered, { slot: 1, slots: 2, storeHandover: false });
    const output = await storeOutput(cloud.objects, 's3://bucket/exchange/1', encodeOutput(sent, 2)!);
    expect(output.at.kind).toBe(times === 1 ? 'inline' : 'object');
    for (const { edge, targets, run } of gathered) {
      for (const target of targets) {
        const slice = new SliceTable(output.slices).of(edge, target);
        expect(slice === undefined).toBe(target % 2 === 1);
        const found = slice === undefined ? kept.get(edge, target) : (await readRuns(cloud.objects, [{ output, slice }]))[0];
        expect(plain(found)).toEqual(plain(run));
      }
    }
    const wanted = unpackSlices(output.slices).map((slice) => ({ output, slice }));
    expect((await readRuns(cloud.objects, wanted)).every((run) => run.values.length > 0)).toBe(true);
  });

  it('goes through storage for the own slot too, when memory is not to be relied on', () => {
    const { kept, sent } = divideOutput(write([edgeOf('hash', 3)]), { slot: 0, slots: 1, storeHandover: true });
    expect(kept.size).toBe(0);
    expect(sent).toHaveLength(3);
  });

  it('is refused when the object is gone, cut short or changed', async () => {
    const cloud = memoryCloud();
    const uri = 's3://bucket/exchange/1';
    const { sent } = divideOutput(
      write([edgeOf('hash', 2)]).map((each) => ({ ...each, run: repeat(each.run, 300) })),
      { slot: 0, slots: 1, storeHandover: true },
    );
    const encoded = encodeOutput(sent, 1)!;
    const output = await storeOutput(cloud.objects, uri, encoded);
    const wanted = unpackSlices(output.slices).map((slice) => ({ output, slice }));
    const corrupt = expect.objectContaining({ code: 'EXCHANGE_CORRUPT' });
    await cloud.objects.delete(uri);
    await expect(readRuns(cloud.objects, wanted)).rejects.toThrow(corrupt);
    await cloud.objects.put(uri, encoded.bytes.subarray(0, encoded.bytes.byteLength - 1));
    await expect(readRuns(cloud.objects, wanted)).rejects.toThrow(corrupt);
    await cloud.objects.put(
      uri,
      encoded.bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    );
    await expect(readRuns(cloud.objects, wanted)).rejects.toThrow(corrupt);
  });
});

function repeat(run: RecordRun, times: number): RecordRun {
  const many = <T>(list: ArrayLike<T> | undefined): T[] | undefined =>
    list === undefined ? undefined : Array.from({ length: times }, () => Array.from(list)).flat();
  return {
    ...run,
    values: many([...run.values])!.map((value, i) => ({ ...(value as object), nth: (i * i * 7919) % 10_007 })),
    timestamps: many(run.timestamps),
    keys: many(run.keys),
    keyGroups: many(run.keyGroups),
  };
}
