// Catches: tools that say something else about a snapshot than what a restore would find in it.
import { describe, expect, test } from 'vitest';
import { checksumOf, utf8 } from '../../src/base/bytes.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { claimSnapshot } from '../../src/savepoint/claims.ts';
import { copySnapshot } from '../../src/savepoint/copy-snapshot.ts';
import { diffSnapshots } from '../../src/savepoint/diff-snapshots.ts';
import { disposeSnapshot } from '../../src/savepoint/dispose-snapshot.ts';
import { inspectSnapshot } from '../../src/savepoint/inspect-snapshot.ts';
import { listSnapshots } from '../../src/savepoint/list-snapshots.ts';
import { migrateSnapshot } from '../../src/savepoint/migrate-snapshot.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { type FaultPlan, noFaults } from '../../src/testing/faults.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, snapshotAt, watch } from './job-history.ts';
import { persistently, strikes } from './persistently.ts';

function history(faults: FaultPlan = noFaults) {
  const cloud = new SimulatedCloud({ faults });
  const violations = watch(cloud);
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(3, [1, 2, 3]);
  const early = job.savepoint(3);
  job.complete(5, [3, 5]);
  const late = job.savepoint(5);
  return { cloud, violations, stores: cloud.for(), job, early, late };
}

describe('inspecting', () => {
  test('tells of operators, states, segments, watermarks, claims and effects', async () => {
    const { stores, job, early } = history();
    await claimSnapshot(stores, await openSnapshot(stores, early), { jobId: idOf('b'), mode: 'no_claim' });
    const inspection = await inspectSnapshot(stores, early);
    expect(inspection).toMatchObject({
      path: early,
      kind: 'savepoint',
      format: 'native',
      unknown: false,
      version: 2,
      selfContained: false,
      jobId: job.jobId,
      checkpoint: 3,
      stateEntries: 20,
      stateBytes: 200,
      segments: { count: 6, inRecords: 3, inObjects: 3 },
      operators: [{ uid: 'counts', position: 0, parallelism: 2, states: [{ name: 'count', kind: 'value', entries: 20, bytes: 200 }] }],
      vertices: [{ watermark: 3, stateEntries: 20, segments: { count: 6 }, oldestSegment: 1 }],
      claims: [{ jobId: idOf('b'), mode: 'no_claim', holds: true }],
      effects: { committables: 2, done: true },
    });
  });

  test('works on a copy from elsewhere, of which nobody knows', async () => {
    const { cloud, stores, early } = history();
    await copySnapshot(stores, await openSnapshot(stores, early), 's3://bucket/copy');
    for (const uri of cloud.objects.names('s3://bucket/copy'))
      cloud.objects.place(uri.replace('/copy', '/moved'), cloud.objects.peek(uri)!);
    expect(await inspectSnapshot(stores, 's3://bucket/moved')).toMatchObject({
      unknown: true,
      selfContained: true,
      format: 'canonical',
      segments: { count: 6, inRecords: 0, inObjects: 6 },
      effects: { committables: 0, done: false },
    });
  });
});

describe('comparing', () => {
  test('tells which segments two savepoints share, and nothing of what is equal', async () => {
    const { stores, early, late } = history();
    const difference = await diffSnapshots(stores, early, late);
    expect(difference).toMatchObject({
      before: { path: early, checkpoint: 3 },
      after: { path: late, checkpoint: 5 },
      operators: [],
      sameOperators: 1,
    });
    expect(difference.segments).toMatchObject({ shared: { count: 2 }, onlyBefore: { count: 4 }, onlyAfter: { count: 2 } });
  });

  test('knows a copy by its content', async () => {
    const { stores, early } = history();
    await copySnapshot(stores, await openSnapshot(stores, early), 's3://bucket/copy');
    const { segments } = await diffSnapshots(stores, early, 's3://bucket/copy');
    expect(segments).toMatchObject({ shared: { count: 6 }, onlyBefore: { count: 0 }, onlyAfter: { count: 0 } });
  });

  test('tells of operators and states that came, went or grew', async () => {
    const { cloud, stores, late } = history();
    const other = new JobHistory(cloud, idOf('c'));
    other.complete(1, [1]);
    const path = other.savepoint(1);
    const text = new TextDecoder()
      .decode(cloud.objects.peek(`${path}/_metadata`))
      .replaceAll(
        '"states":[{"name":"count","kind":"value","entries":20,"bytes":200}]',
        '"states":[{"name":"count","kind":"map","entries":5,"bytes":60},{"name":"seen","kind":"value","entries":1,"bytes":2}]',
      );
    const changed = text
      .replace('"maxParallelism":128', '"maxParallelism":256')
      .replace(']}],"subtasks"', `]},{"operatorId":"${idOf('7')}","name":"new","stateful":false}],"subtasks"`);
    await stores.records.delete(recordKeys.snapshot(path));
    cloud.objects.place('s3://bucket/changed/_metadata', utf8(changed.replaceAll(/"at":\{[^}]*\}/g, '"at":{"kind":"inline","bytes":""}')));
    const { operators } = await diffSnapshots(stores, late, 's3://bucket/changed');
    expect(operators).toEqual([
      {
        operatorId: idOf('d'),
        uid: 'counts',
        name: 'counts',
        change: 'changed',
        maxParallelism: [128, 256],
        states: [
          { name: 'count', kind: 'value', kindAfter: 'map', change: 'changed', entries: [20, 5], bytes: [200, 60] },
          { name: 'seen', kind: 'value', change: 'added', entries: [0, 1], bytes: [0, 2] },
        ],
      },
      { operatorId: idOf('7'), name: 'new', change: 'added', states: [] },
    ]);
  });
});

describe('the list', () => {
  test('has the snapshots of all jobs or one, by checkpoint, without those that are gone', async () => {
    const { cloud, stores, early, late } = history();
    const other = new JobHistory(cloud, idOf('c'));
    other.complete(1, [1]);
    const third = other.savepoint(1);
    const pathsOf = async (options = {}) => (await listSnapshots(stores, options)).map(({ path }) => path);
    expect(await pathsOf()).toEqual([early, late, third]);
    expect(await pathsOf({ jobId: other.jobId })).toEqual([third]);
    expect(await pathsOf({ kind: 'checkpoint' })).toEqual([]);
    await disposeSnapshot(stores, early);
    expect(await pathsOf()).toEqual([late, third]);
  });
});

describe('migrating', () => {
  /** The savepoint's metadata as version 1 had it. */
  function older(faults: FaultPlan = noFaults) {
    const world = history(faults);
    const { cloud, early } = world;
    const now = JSON.parse(new TextDecoder().decode(cloud.objects.peek(`${early}/_metadata`)));
    for (const vertex of now.vertices) for (const operator of vertex.operators) delete operator.states;
    const bytes = utf8(JSON.stringify({ ...now, version: 1 }));
    cloud.objects.place(`${early}/_metadata`, bytes);
    const record = snapshotAt(cloud, early)!;
    const metadata = { uri: record.metadata.uri, checksum: checksumOf(bytes) };
    cloud.records.place(recordKeys.snapshot(early), { ...record, metadata } as unknown as RecordFields);
    return world;
  }

  test('rewrites older metadata in its place, once', async () => {
    const { stores, early } = older();
    expect((await inspectSnapshot(stores, early)).version).toBe(1);
    expect(await migrateSnapshot(stores, early)).toEqual({ path: early, from: 1, to: 2, changed: true });
    expect((await inspectSnapshot(stores, early)).version).toBe(2);
    expect(await migrateSnapshot(stores, early)).toEqual({ path: early, from: 2, to: 2, changed: false });
  });

  test('makes a copy elsewhere, and leaves the original as it is', async () => {
    const { stores, early } = older();
    expect(await migrateSnapshot(stores, early, 's3://bucket/migrated')).toMatchObject({ path: 's3://bucket/migrated', from: 1, to: 2 });
    expect(await inspectSnapshot(stores, 's3://bucket/migrated')).toMatchObject({ version: 2, selfContained: true });
    expect((await inspectSnapshot(stores, early)).version).toBe(1);
  });

  for (const kind of strikes) {
    test(`leaves a savepoint that opens whichever call is struck by ${kind}, and is finished by the next try`, async () => {
      const quiet = older();
      await migrateSnapshot(quiet.stores, quiet.early);
      for (let struck = 0; struck < quiet.cloud.calls.count; struck++) {
        const { cloud, violations, early } = older((call) => (call.index === struck ? { kind, ms: 60_000 } : undefined));
        await Promise.race([migrateSnapshot(cloud.for(), early).catch(() => undefined), cloud.clock.sleep(30_000)]);
        expect(await codeOf(openSnapshot(cloud.for(), early)), `struck at call ${struck}`).toBe('nothing was thrown');
        await persistently(cloud, (stores) => migrateSnapshot(stores, early));
        await cloud.clock.sleep(120_000);
        expect((await inspectSnapshot(cloud.for(), early)).version).toBe(2);
        await disposeSnapshot(cloud.for(), early);
        expect(violations.found).toEqual([]);
      }
    });
  }
});
