// Resuming and disposing, as the guide says it, on running jobs.
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  filesIn,
  fromTo,
  GuideCloud,
  guideJob,
  lastSum,
  metadataOf,
  numbersOf,
  onDisk,
  type Stopped,
  savepointIn,
  variants,
} from './guide-cloud.ts';

let cloud: GuideCloud;
let stopped: Stopped;
const rest = ['--count', '2000', '--rate', '5000'] as const;

beforeAll(async () => {
  cloud = await GuideCloud.start();
  stopped = await cloud.stopped([guideJob, '-p', '2', '--', '--rate', '100', '--count', '2000']);
});

afterAll(() => cloud[Symbol.asyncDispose]());

/** A savepoint of a job that has ended and kept nothing else. */
async function alone(): Promise<Stopped> {
  const before = await cloud.stopped([guideJob, '-p', '2', '--', '--count', '2000'], 20);
  const retained = /s3:\/\/\S+\/chk-\d+/.exec(await cloud.good('checkpoint', 'list', before.jobId))?.[0];
  if (retained !== undefined) await cloud.good('savepoint', '-d', retained);
  return before;
}

describe('resuming', () => {
  test('submits a job that goes on from the state of the savepoint: no number is lost or repeated', async () => {
    const rows = await cloud.resumed(stopped.path, guideJob, '-p', '2', '--', ...rest);
    expect(numbersOf(rows)).toEqual(fromTo(stopped.rows.length, 2_000));
    expect(lastSum(rows, 'mapped')).toBe(2_000);
  });

  test('may be done from one savepoint as often as wanted, and by jobs at once that do not disturb each other', async () => {
    const both = await Promise.all([1, 3].map((p) => cloud.resumed(stopped.path, guideJob, '-p', String(p), '--', ...rest)));
    for (const rows of both) {
      expect(numbersOf(rows)).toEqual(fromTo(stopped.rows.length, 2_000));
      expect(lastSum(rows, 'mapped')).toBe(2_000);
    }
  });

  test('takes the savepoint by its directory, with a slash at the end or not, or by its metadata file, as uri or as path', async () => {
    for (const path of [`${stopped.path}/`, `${stopped.path}/_metadata`, onDisk(stopped.path), `${onDisk(stopped.path)}/_metadata`]) {
      expect(await cloud.good('check', '-s', path, guideJob, '-p', '2'), path).toContain('A restore would go through.');
    }
  });

  test('reads the state from where the savepoint’s metadata points to: where that is gone it fails at once, and nothing is started', async () => {
    const before = await alone();
    const copy = cloud.path('copied-metadata');
    cpSync(onDisk(before.path), copy, { recursive: true });
    await cloud.good('savepoint', '-d', before.path);
    expect(await cloud.refused('run', '-d', '-s', copy, guideJob, '--', ...rest)).toContain('copied-metadata');
    expect(await cloud.refused('run', '-d', '-s', before.path, guideJob, '--', ...rest)).toContain('was disposed of');
    expect(await cloud.good('list', '-r')).toContain('No running jobs.');
  });

  test('maps every state in the savepoint back to the program, or refuses and names what it has no place for', async () => {
    const said = await cloud.refused('run', '-d', '-s', stopped.path, variants, '--', '--layout', 'mapper deleted');
    expect(said).toContain('mapper-id');
    expect(said).toContain('--allowNonRestoredState');
    const rows = await cloud.resumed(stopped.path, variants, '-p', '2', '--', ...rest);
    expect(lastSum(rows, 'mapped')).toBe(2_000);
  });

  test('leaves out the state of an operator that was dropped, if told so by --allowNonRestoredState or -n', async () => {
    for (const flag of ['--allowNonRestoredState', '-n']) {
      const rows = await cloud.resumed(stopped.path, flag, variants, '--', '--layout', 'mapper deleted', ...rest);
      expect(numbersOf(rows)).toEqual(fromTo(stopped.rows.length, 2_000));
    }
  });
});

describe('disposing', () => {
  test('of the savepoint at a path removes its metadata and the state that nothing else needs, and says so; once', async () => {
    const before = await alone();
    const said = await cloud.good('savepoint', '-d', before.path);
    expect(said).toContain(`Savepoint '${before.path}' disposed.`);
    expect(said).not.toContain('kept');
    expect(filesIn(before.path)).toEqual([]);
    expect(await cloud.refused('savepoint', '-d', before.path)).toContain('was disposed of');
  });

  test('of what a job was resumed from is possible once it has completed a checkpoint: it has copied what it needs', async () => {
    const before = await alone();
    const jobId = await cloud.submit('-s', before.path, guideJob, '-p', '2', '--', '--count', '2000', '--rate', '50');
    await cloud.printedAtLeast(jobId, 20);
    await cloud.good('checkpoint', jobId);
    await cloud.good('savepoint', '-d', before.path);
    const path = savepointIn(await cloud.good('cancel', '-s', jobId));
    const done = (await cloud.rows(jobId)).length + before.rows.length;
    expect(numbersOf(await cloud.resumed(path, guideJob, '-p', '2', '--', ...rest))).toEqual(fromTo(done, 2_000));
  });

  test('may be done by hand too, with the means of the file system', async () => {
    const path = savepointIn(await cloud.good('savepoint', await living(), cloud.path('by-hand')));
    rmSync(onDisk(path), { recursive: true });
    expect(await cloud.refused('run', '-d', '-s', path, guideJob)).toContain('by-hand');
  });

  test('by hand deletes metadata alone: what it pointed to stays, until the tool is asked to dispose of it', async () => {
    const before = await alone();
    const kept = cloud.path('kept-metadata');
    copyFileSync(join(onDisk(before.path), '_metadata'), kept);
    rmSync(onDisk(before.path), { recursive: true });
    expect(await cloud.good('savepoint', 'list')).toContain(before.path);
    cpSync(kept, join(onDisk(before.path), '_metadata'));
    // All segments are there still: nothing that the metadata points to went with it.
    expect(await cloud.good('check', '-s', before.path, guideJob, '-p', '2')).toContain('A restore would go through.');
    await cloud.good('savepoint', '-d', before.path);
    expect(await cloud.good('savepoint', 'list')).not.toContain(before.path);
  });

  test('by the tool finds the checkpoint that a savepoint points to, and keeps what the running job still needs of it', async () => {
    const jobId = await living();
    const path = savepointIn(await cloud.good('savepoint', jobId));
    const listed = new RegExp(`${path}  savepoint-guide checkpoint ${metadataOf(path).checkpoint}\\b`);
    expect(await cloud.good('savepoint', 'list', jobId)).toMatch(listed);
    await cloud.good('savepoint', '-d', path);
    const before = (await cloud.rows(jobId)).length;
    await cloud.printedAtLeast(jobId, before + 5);
  });
});

let lives: Promise<string> | undefined;

/** A job that goes on. */
async function living(): Promise<string> {
  lives ??= cloud.submit(guideJob, '-p', '2', '--', '--rate', '20').then(async (jobId) => {
    await cloud.printedAtLeast(jobId, 5);
    return jobId;
  });
  return await lives;
}
