// Catches: a release that can no longer begin from what older ones have stored.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checksumOf, utf8 } from '../../src/base/bytes.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import { decodeManifest } from '../../src/protocol/manifest-codec.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import { newSnapshotRecord } from '../../src/savepoint/new-snapshot-record.ts';
import { type SimulationResult, simulateJob } from '../../src/testing/index.ts';
import { goldenJob, goldenSink } from './golden-job.ts';

interface Golden {
  readonly manifest: object;
  readonly segments: readonly { readonly at: SegmentRef['at']; readonly base64: string }[];
}

const path = 's3://golden/savepoint-golden-000000000000';

/** A world in which somebody else's savepoint lies, whose metadata and segments are those of the file. */
function worldOf(file: string): Pick<SimulationResult, 'world' | 'restorable' | 'jobId'> {
  const golden = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Golden;
  const document = utf8(JSON.stringify(golden.manifest));
  const manifest = decodeManifest(document);
  const metadata = { uri: `${path}/_metadata`, checksum: checksumOf(document) };
  const createdAt = Date.UTC(2001, 0, 2);
  const fresh = { path, kind: 'savepoint', format: 'native', manifest, metadata, metadataBytes: document.byteLength, createdAt } as const;
  const snapshot = newSnapshotRecord({ ...fresh, effectsDone: true });
  const records = [{ key: recordKeys.snapshot(path), fields: snapshot as unknown as RecordFields }];
  const objects = new Map([[metadata.uri, document]]);
  for (const { at, base64 } of golden.segments) {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    if (at.kind === 'object') objects.set(at.uri, bytes);
    if (at.kind === 'record') records.push({ key: { partition: at.partition, sort: at.sort }, fields: { bytes } });
  }
  return { world: { now: createdAt, records, objects }, restorable: path, jobId: manifest.jobId };
}

const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).toSorted();

it.each([1, 2, 3])('a checkpoint of version 1 is restored at parallelism %i, and gives what a straight run gives', async (parallelism) => {
  const straight = await simulateJob(goldenJob, { parallelism: 2 });
  const resumed = await simulateJob(goldenJob, { parallelism, resume: { from: worldOf('checkpoint-v1.json') } });
  expect(resumed.status).toBe('FINISHED');
  expect(resumed.record.totals.recordsIn).toBe(straight.record.totals.recordsIn - 30);
  expect(sorted(resumed.output(goldenSink))).toEqual(sorted(straight.output(goldenSink)));
  expect(resumed.checkpoints[0]!.checkpoint).toBe(4);
});
