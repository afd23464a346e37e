// Taking savepoints: where they go, what they hold, and what becomes of the job. Statements of the guide, on running jobs.
import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  filesIn,
  fromTo,
  GuideCloud,
  guideJob,
  jobOf,
  metadataBytes,
  metadataOf,
  numbersOf,
  onDisk,
  savepointIn,
  statefulIn,
} from './guide-cloud.ts';

let cloud: GuideCloud;
let elsewhere: GuideCloud;
/** A job that goes on through all tests. */
let jobId: string;

beforeAll(async () => {
  [cloud, elsewhere] = await Promise.all([GuideCloud.start(), GuideCloud.start({ defaultDirectory: false })]);
  jobId = await cloud.submit(guideJob, '-p', '2', '--', '--rate', '50');
  await cloud.printedAtLeast(jobId, 5);
});

afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

const running = (words: readonly string[] = []) => cloud.submit(guideJob, ...words, '--', '--rate', '50');

async function expectGoesOn(on: GuideCloud, id: string): Promise<void> {
  const before = (await on.rows(id)).length;
  await on.printedAtLeast(id, before + 5);
  expect(await on.state(id)).toBe('RUNNING');
}

describe('a savepoint', () => {
  test('is a checkpoint that is kept outside of the job: taking one is completing one', async () => {
    const said = await cloud.good('savepoint', jobId);
    expect(said).toContain(`Triggering savepoint for job ${jobId}.`);
    const { checkpoint, jobId: of } = metadataOf(savepointIn(said));
    expect(of).toBe(jobId);
    expect(checkpoint).toBeGreaterThan(0);
    await expectGoesOn(cloud, jobId);
  });

  test('of a job goes into the directory that the command names', async () => {
    const path = savepointIn(await cloud.good('savepoint', jobId, cloud.path('named')));
    expect(onDisk(path).startsWith(`${cloud.path('named')}/savepoint-${jobId.slice(0, 6)}-`)).toBe(true);
    expect(metadataOf(path).jobId).toBe(jobId);
  });

  test('is one file with the metadata, in a directory of its own', async () => {
    const path = savepointIn(await cloud.good('savepoint', jobId, cloud.path('single')));
    expect(filesIn(path)).toEqual(['_metadata']);
    expect(filesIn(cloud.path('single'))).toHaveLength(2);
  });

  test('points to the state of the checkpoint, which stays in the checkpoint directory while the job goes on', async () => {
    const id = await cloud.submit('-D', 'state.backend=filesystem', guideJob, '--', '--rate', '50', '--count', '2000');
    await cloud.printedAtLeast(id, 20);
    const path = savepointIn(await cloud.good('savepoint', id));
    const places = metadataOf(path).vertices.flatMap(({ subtasks }) => subtasks.flatMap(({ segments }) => segments.map(({ at }) => at)));
    expect(places.length).toBeGreaterThan(0);
    const inDirectory = new RegExp(`^s3://weir/state/checkpoints/${id}/chk-\\d+/`);
    for (const at of places) expect(at).toEqual({ kind: 'object', uri: expect.stringMatching(inDirectory) });
    await cloud.printedAtLeast(id, 100);
    await cloud.good('cancel', id);
    const rows = await cloud.resumed(path, guideJob, '--', '--count', '2000', '--rate', '5000');
    expect(numbersOf(rows)).toEqual(fromTo(numbersOf(rows)[0]!, 2_000));
  });

  test('is much smaller than the state that it points to', async () => {
    const id = await cloud.submit(jobOf('large-state-job'), '--', '--keys', '4000', '--bytes', '250');
    await cloud.good('checkpoint', id);
    let path: string;
    do path = savepointIn(await cloud.good('savepoint', id));
    while (stateBytesOf(path) < 1_000_000);
    expect(metadataBytes(path) * 20).toBeLessThan(stateBytesOf(path));
    await cloud.good('cancel', id);
  });

  test('of a job with the memory backend contains all of its state, and needs nothing else', async () => {
    const id = await cloud.submit('-D', 'state.backend=memory', jobOf('large-state-job'), '--', '--keys', '200', '--bytes', '250');
    let path: string;
    do path = savepointIn(await cloud.good('savepoint', id));
    while (stateBytesOf(path) < 50_000);
    const places = metadataOf(path).vertices.flatMap(({ subtasks }) =>
      subtasks.flatMap(({ segments }) => segments.map(({ at }) => at.kind)),
    );
    expect(new Set(places)).toEqual(new Set(['inline']));
    expect(metadataBytes(path)).toBeGreaterThan(stateBytesOf(path) / 2);
    await cloud.good('cancel', id);
  });
});

const stateBytesOf = (path: string): number =>
  metadataOf(path).vertices.reduce((sum, { subtasks }) => sum + subtasks.reduce((all, { stateBytes }) => all + stateBytes, 0), 0);

/** A file where the directory should be: nobody can write there. */
function unreachable(name: string): string {
  writeFileSync(cloud.path(name), 'a file');
  return cloud.path(name);
}

describe('the directory of savepoints', () => {
  test('has to be within reach of the job: else triggering fails, and the job goes on', async () => {
    expect(await cloud.refused('savepoint', jobId, unreachable('in-the-way'))).toContain('in-the-way');
    await expectGoesOn(cloud, jobId);
    await cloud.good('savepoint', jobId);
  });

  test('is state.savepoints.dir where the command names none', async () => {
    const path = savepointIn(await cloud.good('savepoint', jobId));
    expect(onDisk(path).startsWith(`${cloud.savepoints}/savepoint-`)).toBe(true);
  });

  test('of the command goes before state.savepoints.dir', async () => {
    const known = filesIn(cloud.savepoints);
    const path = savepointIn(await cloud.good('savepoint', jobId, cloud.path('other')));
    expect(onDisk(path).startsWith(cloud.path('other'))).toBe(true);
    expect(filesIn(cloud.savepoints)).toEqual(known);
  });

  test('of the job’s own definition goes before state.savepoints.dir', async () => {
    const id = await cloud.submit(jobOf('own-directory-job'));
    await cloud.printedAtLeast(id, 1);
    expect(savepointIn(await cloud.good('cancel', '-s', id))).toMatch(/^s3:\/\/weir\/savepoints-of-the-job\/savepoint-/);
  });

  test('is written in the configuration as one line, state.savepoints.dir and its value', async () => {
    const configured = await GuideCloud.start();
    try {
      const id = await configured.submit(guideJob, '--', '--rate', '50');
      await configured.printedAtLeast(id, 1);
      expect(onDisk(savepointIn(await configured.good('cancel', '-s', id))).startsWith(configured.savepoints)).toBe(true);
    } finally {
      await configured[Symbol.asyncDispose]();
    }
  });

  test('that is neither named nor configured lets triggering fail, and the job goes on', async () => {
    const id = await elsewhere.submit(guideJob, '--', '--rate', '50');
    await elsewhere.printedAtLeast(id, 1);
    const said = await elsewhere.refused('savepoint', id);
    expect(said).toContain('state.savepoints.dir');
    expect(said).toContain('<targetDirectory>');
    await expectGoesOn(elsewhere, id);
    expect(savepointIn(await elsewhere.good('cancel', '-s', elsewhere.path('named'), id))).toContain('/named/savepoint-');
  });
});

describe('cancelling with a savepoint', () => {
  test('does both or neither: the job is CANCELED, and nothing came out after the savepoint', async () => {
    const id = await cloud.submit(guideJob, '-p', '2', '--', '--rate', '50', '--count', '200');
    await cloud.printedAtLeast(id, 20);
    const path = savepointIn(await cloud.good('cancel', '-s', id));
    expect(await cloud.ended(id)).toBe('CANCELED');
    expect(statefulIn(metadataOf(path))).toEqual(['source-id', 'mapper-id']);
    const before = numbersOf(await cloud.rows(id));
    const after = numbersOf(await cloud.resumed(path, guideJob, '-p', '2', '--', '--count', '200', '--rate', '5000'));
    expect([...before, ...after]).toEqual(fromTo(0, 200));
  });

  test('puts the savepoint into the directory that the command names', async () => {
    const id = await running();
    await cloud.printedAtLeast(id, 1);
    const path = savepointIn(await cloud.good('cancel', '-s', cloud.path('cancelled'), id));
    expect(onDisk(path).startsWith(`${cloud.path('cancelled')}/savepoint-`)).toBe(true);
    expect(filesIn(path)).toEqual(['_metadata']);
  });

  test('fails where the directory is out of reach, and the job goes on', async () => {
    const id = await running();
    await cloud.printedAtLeast(id, 1);
    expect(await cloud.refused('cancel', '-s', unreachable('no-directory'), id)).toContain('no-directory');
    await expectGoesOn(cloud, id);
    await cloud.good('cancel', id);
  });

  test('uses state.savepoints.dir where the command names no directory', async () => {
    const id = await running();
    await cloud.printedAtLeast(id, 1);
    const path = savepointIn(await cloud.good('cancel', '-s', id));
    expect(onDisk(path).startsWith(`${cloud.savepoints}/savepoint-${id.slice(0, 6)}-`)).toBe(true);
    expect(existsSync(onDisk(path))).toBe(true);
  });

  test('fails where no directory is named or configured, and the job goes on', async () => {
    const id = await elsewhere.submit(guideJob, '--', '--rate', '50');
    await elsewhere.printedAtLeast(id, 1);
    expect(await elsewhere.refused('cancel', '-s', id)).toContain('state.savepoints.dir');
    await expectGoesOn(elsewhere, id);
    await elsewhere.good('cancel', id);
  });
});
