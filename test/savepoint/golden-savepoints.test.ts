// Catches: a change of the format that leaves savepoints behind which were written before. Each folder was written by the
// release that brought the version; every later one restores from it, at any parallelism, and comes to the same results.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksumOf, utf8 } from '../../src/base/bytes.ts';
import type { RecordFields, RecordKey } from '../../src/cloud/index.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { diffSnapshots } from '../../src/savepoint/diff-snapshots.ts';
import { inspectSnapshot } from '../../src/savepoint/inspect-snapshot.ts';
import { migrateSnapshot } from '../../src/savepoint/migrate-snapshot.ts';
import { newSnapshotRecord } from '../../src/savepoint/new-snapshot-record.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { simulateJob } from '../../src/testing/index.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import type { SimulatedWorld } from '../../src/testing/simulated-world.ts';
import { goldenJob, goldenJobAt, goldenSink } from '../golden/golden-job.ts';
import { type StoredWorld, worldOf } from './golden-world.ts';

interface Golden {
  readonly world: SimulatedWorld;
  readonly jobId: string;
  readonly restorable: string;
}

const folderOf = (version: number): URL => new URL(`../golden/savepoints-v${version}/`, import.meta.url);

function native(version: number): Golden {
  const stored = JSON.parse(readFileSync(new URL('native.json', folderOf(version)), 'utf8')) as StoredWorld;
  return { world: worldOf(stored), jobId: stored.jobId, restorable: stored.path };
}

/** In an empty world, at a place where it has never been. */
function directory(version: number, kind: 'canonical' | 'memory'): Golden {
  const folder = new URL(`${kind}/`, folderOf(version));
  const restorable = 'file:///brought/from/elsewhere';
  const objects = new Map(
    readdirSync(folder).map((name) => [`${restorable}/${name}`, new Uint8Array(readFileSync(new URL(name, folder)))]),
  );
  return { world: { now: 1_800_000_000_000, records: [], objects }, jobId: 'f'.repeat(32), restorable };
}

/** What the first release left: a checkpoint and its segments, put here as a savepoint. */
function firstVersion(): Golden {
  const { manifest, segments } = JSON.parse(readFileSync(new URL('../golden/checkpoint-v1.json', import.meta.url), 'utf8')) as {
    readonly manifest: Manifest;
    readonly segments: readonly { readonly at: RecordKey & { readonly kind: 'record' }; readonly base64: string }[];
  };
  const restorable = 's3://golden/savepoints/savepoint-012345-0123456789ab';
  const bytes = utf8(JSON.stringify(manifest));
  const metadata = { uri: `${restorable}/_metadata`, checksum: checksumOf(bytes) };
  const described = { path: restorable, manifest, metadata, metadataBytes: bytes.byteLength, createdAt: 1, effectsDone: true } as const;
  const snapshot = newSnapshotRecord({ ...described, kind: 'savepoint', format: 'native' });
  const records = [
    { key: recordKeys.snapshot(restorable), fields: snapshot as unknown as RecordFields },
    ...segments.map(({ at: { partition, sort }, base64 }) => ({
      key: { partition, sort },
      fields: { bytes: new Uint8Array(Buffer.from(base64, 'base64')) },
    })),
  ];
  return { world: { now: 1_700_000_000_000, records, objects: new Map([[metadata.uri, bytes]]) }, jobId: manifest.jobId, restorable };
}

const goldens: readonly (readonly [string, () => Golden])[] = [2].flatMap((version) => [
  [`native, version ${version}`, () => native(version)] as const,
  [`canonical, version ${version}`, () => directory(version, 'canonical')] as const,
  [`of the memory backend, version ${version}`, () => directory(version, 'memory')] as const,
]);

const sorted = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).sort();
const job = goldenJobAt({ recordsPerSecond: 12 });
const expected = simulateJob(job, { parallelism: 2 }).then((straight) => sorted(straight.output(goldenSink)));

describe.each(goldens)('the golden savepoint, %s,', (_name, golden) => {
  it.each([1, 2, 3])('is restored at parallelism %i and comes to the results of a straight run', async (parallelism) => {
    const result = await simulateJob(job, { parallelism, resume: { from: golden() } });
    expect(result.status).toBe('FINISHED');
    expect(sorted(result.output(goldenSink))).toEqual(await expected);
    expect(await expected).toHaveLength(11);
  });

  it('is opened whole, and says what it has', async () => {
    const { world, restorable } = golden();
    const stores = new SimulatedCloud({ world }).for();
    await openSnapshot(stores, restorable);
    const { operators, checkpoint } = await inspectSnapshot(stores, restorable);
    expect(checkpoint).toBeGreaterThan(1);
    expect(operators.map(({ uid }) => uid)).toEqual(['readings', 'scaled', 'sums', 'out']);
    const states = operators.flatMap(({ uid, states: named = [] }) => named.map(({ name, kind }) => `${uid} ${name} ${kind}`));
    expect(states).toEqual(
      expect.arrayContaining(['scaled seen splitList', 'scaled all unionList', 'sums sum value', 'sums latest list', 'sums byValue map']),
    );
  });
});

describe('a checkpoint of version 1', () => {
  it.each([1, 2, 3])('is restored at parallelism %i, migrated or not, and comes to the results of a straight run', async (parallelism) => {
    const golden = firstVersion();
    const cloud = new SimulatedCloud({ world: golden.world });
    expect(await migrateSnapshot(cloud.for(), golden.restorable)).toMatchObject({ from: 1, changed: true });
    for (const world of [golden.world, cloud.world]) {
      const result = await simulateJob(goldenJob, { parallelism, resume: { from: { ...golden, world } } });
      expect(sorted(result.output(goldenSink))).toEqual(await expected);
    }
  });
});

describe('the golden savepoints', () => {
  it('of one version have the same operators and states', async () => {
    const { world, restorable } = native(2);
    for (const kind of ['canonical', 'memory'] as const) {
      const other = directory(2, kind);
      const objects = new Map([...world.objects, ...other.world.objects]);
      const stores = new SimulatedCloud({ world: { ...world, objects } }).for();
      const { operators } = await diffSnapshots(stores, restorable, other.restorable);
      expect(operators.filter(({ change }) => change !== 'changed')).toEqual([]);
    }
  });
});
