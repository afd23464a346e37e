import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { s3ObjectStore } from '../../src/cloud/aws/s3-object-store.ts';
import type { ObjectStore } from '../../src/cloud/index.ts';
import { expectedCounts, linesIn, putFlights } from './flights.ts';
import { type Said, stopDriver, type TestDeployment } from './test-deployment.ts';

const jobFile = (version: string): string => fileURLToPath(new URL(`./jobs/counts-${version}.ts`, import.meta.url));

/**
 * What holds of Weir wherever it runs. Judged only by what anybody sees who uses it: what commands say, the API's replies,
 * files in the bucket.
 */
export function endToEnd(start: () => Promise<TestDeployment>): void {
  let deployment: TestDeployment;
  let objects: ObjectStore;
  let program: string;
  let input: string;
  let outputs = 0;

  beforeAll(async () => {
    deployment = await start();
    objects = s3ObjectStore(new S3Client({ forcePathStyle: true }));
    input = `${deployment.root}/flights`;
    await putFlights(objects, input);
    program = await deployment.program(jobFile('v1'));
  }, 300_000);

  afterAll(() => deployment?.[Symbol.asyncDispose](), 60_000);

  async function good(...words: readonly string[]): Promise<string> {
    const said = await deployment.weir(...words);
    if (said.code !== 0) throw new Error(`weir ${words.join(' ')} ended with ${said.code}:\n${said.stdout}\n${said.stderr}`);
    return said.stdout;
  }

  const freshOutput = (): string => `${deployment.root}/output-${outputs++}`;
  const runWords = (output: string, rate: number, words: readonly string[]): readonly string[] => [
    'run',
    '-d',
    '--checkpoint-interval',
    '300',
    ...words,
    program,
    '--',
    '--input',
    input,
    '--output',
    output,
    '--rate',
    String(rate),
  ];

  /** A job in the background. */
  async function submit(output: string, rate: number, ...words: readonly string[]): Promise<string> {
    const said = await good(...runWords(output, rate, words));
    return /JobID ([0-9a-f]{32})/.exec(said)![1]!;
  }

  const state = async (jobid: string): Promise<string> => (await deployment.api.job({ jobid })).state;

  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await pause(200);
  }

  /** Until the job is in that state; fails if it ends in another. */
  async function ends(jobid: string, as: string): Promise<void> {
    for (;;) {
      const job = await deployment.api.job({ jobid });
      if (job.state === as) return;
      if (job['end-time'] !== -1) throw new Error(`Job ${jobid} is ${job.state} instead of ${as}: ${JSON.stringify(job.weir.cause)}`);
      await pause(200);
    }
  }

  /** It has read something, not everything. */
  const underWay = (jobid: string): Promise<void> => until(async () => (await deployment.api.job({ jobid })).weir.checkpoint >= 2);
  const expectExact = async (output: string): Promise<void> => expect(await linesIn(objects, output)).toEqual(expectedCounts());

  test('a job runs to its end, and its output is exact', async () => {
    const output = freshOutput();
    const jobId = await submit(output, 4_000, '-p', '2');
    await ends(jobId, 'FINISHED');
    await expectExact(output);
    expect(await good('list', '-a')).toContain(`${jobId} : counts (FINISHED)`);
  });

  test('a checkpoint and a savepoint are taken of a job that goes on; cancelled with a savepoint, it goes on at another parallelism', async () => {
    const output = freshOutput();
    const jobId = await submit(output, 100, '-p', '2');
    await underWay(jobId);
    expect(await good('checkpoint', jobId)).toMatch(/[Cc]heckpoint \d+/);
    const first = savepointIn(await good('savepoint', jobId));
    expect(await objects.head(`${first}/_metadata`)).toBeDefined();
    expect(await state(jobId)).toBe('RUNNING');
    const second = savepointIn(await good('cancel', '-s', jobId));
    expect(await state(jobId)).toBe('CANCELED');

    const resumed = await submit(output, 20_000, '-s', second, '-p', '3');
    await ends(resumed, 'FINISHED');
    await expectExact(output);

    expect(await good('savepoint', 'list')).toContain(first);
    await good('savepoint', '-d', first);
    expect(await objects.head(`${first}/_metadata`)).toBeUndefined();
    expect(await good('savepoint', 'list')).not.toContain(first);
    const refused = await deployment.weir(...runWords(freshOutput(), 20_000, ['-s', first]));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(first) as string });
  });

  test('stopped with a canonical savepoint, a job goes on from it though nothing else is left', async () => {
    const output = freshOutput();
    const jobId = await submit(output, 100, '-p', '2');
    await underWay(jobId);
    const path = savepointIn(await good('stop', '--type', 'canonical', jobId));
    expect(await state(jobId)).toBe('FINISHED');
    const resumed = await submit(output, 20_000, '-s', path, '-p', '1');
    await ends(resumed, 'FINISHED');
    await expectExact(output);
  });

  test('a job whose functions are killed goes on, and its output is exact', async () => {
    const output = freshOutput();
    const jobId = await submit(output, 400, '-p', '2');
    await underWay(jobId);
    expect(deployment.killSlots()).toBeGreaterThan(0);
    const { checkpoint } = (await deployment.api.job({ jobid: jobId })).weir;
    await until(async () => (await deployment.api.job({ jobid: jobId })).weir.checkpoint > checkpoint);
    deployment.killSlots();
    await ends(jobId, 'FINISHED');
    await expectExact(output);
  });

  test('a job whose driver is stopped by hand goes on, and its output is exact', async () => {
    const output = freshOutput();
    const jobId = await submit(output, 400, '-p', '2');
    await underWay(jobId);
    await stopDriver(jobId);
    await ends(jobId, 'FINISHED');
    await expectExact(output);
  });

  test('a job that is not known is refused by name', async () => {
    const unknown = '0'.repeat(32);
    const said: Said = await deployment.weir('cancel', unknown);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining(unknown) as string });
  });
}

function savepointIn(said: string): string {
  const path = /(?:Path: |stored in )((?:file|s3):\/\/\S+?)\.?$/m.exec(said)?.[1];
  if (path === undefined) throw new Error(`No savepoint in:\n${said}`);
  return path;
}
