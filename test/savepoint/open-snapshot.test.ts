// Catches: a restore that begins from something that is no whole, committed, live snapshot, and errors that do not say what is wrong.
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { encodeManifest } from '../../src/protocol/manifest-codec.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { openSnapshot } from '../../src/savepoint/open-snapshot.ts';
import { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { codeOf, idOf, JobHistory, savepoints, snapshotAt } from './job-history.ts';

function history() {
  const cloud = new SimulatedCloud();
  const job = new JobHistory(cloud, idOf('a'));
  job.complete(3, [1, 2, 3]);
  const savepoint = job.savepoint(3);
  return { cloud, stores: cloud.for(), job, savepoint };
}

/** The code and the text of what is thrown. */
async function refusalOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'nothing was thrown',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

describe('a savepoint', () => {
  test('is found by its directory, with slashes or without, and by its metadata file', async () => {
    const { stores, savepoint } = history();
    for (const given of [savepoint, `${savepoint}/`, `${savepoint}//`, `${savepoint}/_metadata`]) {
      expect(await openSnapshot(stores, given)).toMatchObject({ path: savepoint, record: { checkpoint: 3 }, selfContained: false });
    }
  });

  test('is found on a local disk too', async () => {
    const { cloud, stores, job } = history();
    const inline = { ...job.manifest(1, [1], (ref) => ({ ...ref, at: { kind: 'inline', bytes: 'c29tZQ==' } })) };
    cloud.objects.place('file:///data/savepoint-1/_metadata', encodeManifest(inline).bytes);
    expect(await openSnapshot(stores, 'file:///data/savepoint-1/')).toMatchObject({ selfContained: true, record: undefined });
  });

  test('of a local disk is one and the same however its directory is spelled', async () => {
    const { cloud, stores, job } = history();
    const inline = { ...job.manifest(1, [1], (ref) => ({ ...ref, at: { kind: 'inline', bytes: 'c29tZQ==' } })) };
    cloud.objects.place('file:///my%20data/savepoint-1/_metadata', encodeManifest(inline).bytes);
    for (const given of [
      'file:///my data/savepoint-1',
      'file:///my%20data//savepoint-1/',
      'file:///my%20data/x/../savepoint-1/_metadata',
    ]) {
      expect((await openSnapshot(stores, given)).path).toBe('file:///my%20data/savepoint-1');
    }
  });

  test('that does not exist, or is something else, is refused by name', async () => {
    const { cloud, stores, savepoint } = history();
    cloud.objects.place('s3://bucket/notes.txt', utf8('hello'));
    cloud.objects.place('s3://bucket/other/_metadata', utf8('hello'));
    expect(await refusalOf(openSnapshot(stores, 's3://bucket/nothing'))).toMatch(
      /^SAVEPOINT_NOT_FOUND: .*s3:\/\/bucket\/nothing.*nothing of that name/,
    );
    expect(await refusalOf(openSnapshot(stores, 's3://bucket/notes.txt'))).toMatch(/^NOT_A_SAVEPOINT: .*it is a file/);
    expect(await refusalOf(openSnapshot(stores, 's3://bucket/other'))).toMatch(/^NOT_A_SAVEPOINT: .*something else/);
    expect(await refusalOf(openSnapshot(stores, savepoints))).toContain(`did you mean ${savepoint}?`);
    expect(await refusalOf(openSnapshot(stores, 'savepoints/1'))).toMatch(/^SNAPSHOT_PATH_INVALID: .*"savepoints\/1"/);
    expect(await refusalOf(openSnapshot(stores, 's3://bucket'))).toMatch(/^SNAPSHOT_PATH_INVALID/);
  });

  test('that is cut off, overwritten or of a newer version is refused by name', async () => {
    const { cloud, stores, savepoint } = history();
    const whole = cloud.objects.peek(`${savepoint}/_metadata`)!;
    cloud.objects.place('s3://bucket/cut/_metadata', whole.subarray(0, 200));
    cloud.objects.place('s3://bucket/newer/_metadata', utf8(JSON.stringify({ version: 99 })));
    expect(await refusalOf(openSnapshot(stores, 's3://bucket/cut'))).toMatch(/^MANIFEST_CORRUPT: .*savepoint s3:\/\/bucket\/cut.*cut off/);
    expect(await refusalOf(openSnapshot(stores, 's3://bucket/newer'))).toMatch(/^MANIFEST_TOO_NEW: .*version 99/);
    cloud.objects.place(`${savepoint}/_metadata`, whole.subarray(0, 200));
    expect(await refusalOf(openSnapshot(stores, savepoint))).toMatch(/^MANIFEST_CORRUPT: .*checksum/);
  });

  test('that misses a segment, in a record or in an object, is refused at once and names it', async () => {
    for (const subtask of [0, 1]) {
      const { stores, job, savepoint } = history();
      const { at } = job.segment(2, subtask);
      if (at.kind === 'record') await stores.records.delete({ partition: at.partition, sort: at.sort });
      if (at.kind === 'object') await stores.objects.delete(at.uri);
      expect(await refusalOf(openSnapshot(stores, savepoint))).toMatch(/^SEGMENT_MISSING: .*1 of its segments.*0000000002|chk-2/);
      expect((await openSnapshot(stores, savepoint, { verify: false })).path).toBe(savepoint);
    }
  });

  test('of an attempt that never committed is refused, whatever is written in it', async () => {
    const { cloud, stores, job } = history();
    const { bytes } = encodeManifest(job.manifest(4, [3, 4]));
    cloud.objects.place(`${savepoints}/savepoint-aaaaaa-000000000004/_metadata`, bytes);
    expect(await refusalOf(openSnapshot(stores, `${savepoints}/savepoint-aaaaaa-000000000004`))).toMatch(
      /^SAVEPOINT_NOT_COMMITTED: .*attempt 4, which wrote it, was never completed/,
    );
  });

  test('that was committed but not yet recorded is good, and recorded now', async () => {
    const { cloud, stores, job } = history();
    const path = `${savepoints}/savepoint-aaaaaa-000000000004`;
    const { bytes, checksum } = encodeManifest(job.complete(4, [3, 4]));
    cloud.objects.place(`${path}/_metadata`, bytes);
    const request = { id: idOf('1'), kind: 'stop', drain: true, directory: savepoints } as const;
    const outcome = { kind: 'savepoint', path, metadata: { uri: `${path}/_metadata`, checksum } } as const;
    job.change({ effects: { sequence: 1, checkpoint: 4, attempt: 4, publish: true, answers: [{ request, outcome }] } });
    expect((await openSnapshot(stores, path)).record).toMatchObject({ state: 'live', effectsDone: false, drained: true });
    expect(snapshotAt(cloud, path)?.checkpoint).toBe(4);
  });

  test('that was moved is refused if it points to state elsewhere', async () => {
    const { cloud, stores, savepoint } = history();
    cloud.objects.place('s3://elsewhere/moved/_metadata', cloud.objects.peek(`${savepoint}/_metadata`)!);
    expect(await refusalOf(openSnapshot(stores, 's3://elsewhere/moved'))).toMatch(/^SAVEPOINT_NOT_COMMITTED: .*or it was moved/);
    await stores.records.delete(recordKeys.job(idOf('a')));
    expect(await codeOf(openSnapshot(stores, 's3://elsewhere/moved'))).toBe('SAVEPOINT_NOT_COMMITTED');
  });
});
