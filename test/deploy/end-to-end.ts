import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { s3ObjectStore } from '../../src/cloud/aws/s3-object-store.ts';
import type { ObjectStore } from '../../src/cloud/index.ts';
import type { FlinkClient } from '../external/flink-cli/flink-client.ts';
import { expectedCounts, linesIn, putFlights } from './flights.ts';
import { type Said, stopDriver, type TestDeployment } from './test-deployment.ts';

const everyMinute = 'cron(* * * * ? *)';
const jobFile = (version: string): string => fileURLToPath(new URL(`./jobs/counts-${version}.ts`, import.meta.url));

/** What can be tested in one place and not in the other. */
export interface Abilities {
  /** The processes that run functions can be killed. */
  readonly reachesProcesses: boolean;
  /** What a schedule calls can be called. */
  readonly reachesSchedules: boolean;
  /** A deployment can be taken down, and leaves its state behind. */
  readonly isDestroyed: boolean;
  /** Flink's own client, where it can be had and is to be tried. */
  readonly flink?: FlinkClient;
}

/**
 * What holds of Weir wherever it runs. Judged only by what anybody sees who uses it: what commands say, the API's replies,
 * files in the bucket.
 */
export function endToEnd(
  { reachesProcesses, reachesSchedules, isDestroyed, flink }: Abilities,
  start: () => Promise<TestDeployment>,
): void {
  let deployment: TestDeployment;
  let objects: ObjectStore;
  let program: string;
  let input: string;
  let outputs = 0;

  beforeAll(async () => {
    deployment = await start();
    const deployed = await deployment.deploy({ jobFile: jobFile('v1'), mode: 'manual' });
    if (deployed.code !== 0) throw new Error(deployed.stderr);
    objects = s3ObjectStore(new S3Client({ forcePathStyle: true }));
    input = `${deployment.root}/flights`;
    await putFlights(objects, input);
    program = await newestProgram();
  }, 900_000);

  /** What was published last. */
  async function newestProgram(): Promise<string> {
    const { files } = await deployment.api.programs({});
    return files.toSorted((a, b) => b.uploaded - a.uploaded)[0]!.id;
  }

  afterAll(() => deployment?.[Symbol.asyncDispose](), 300_000);

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

  const operations = async (jobId: string): Promise<readonly Operation[]> =>
    (JSON.parse(await good('operations', '--json', jobId)) as { readonly operations: readonly Operation[] }).operations;

  const running = async (): Promise<readonly string[]> => {
    const { jobs } = await deployment.api.jobsOverview({});
    return jobs.filter((job) => job.state === 'RUNNING').map(({ jid }) => jid);
  };

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
    const jobId = await submit(output, 20, '-p', '2');
    await underWay(jobId);
    expect(await good('checkpoint', jobId)).toMatch(/[Cc]heckpoint \d+/);
    const first = savepointIn(await good('savepoint', jobId));
    expect(await objects.head(`${first}/_metadata`)).toBeDefined();
    expect(await state(jobId)).toBe('RUNNING');
    const second = savepointIn(await good('cancel', '-s', jobId));
    await ends(jobId, 'CANCELED');

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
    const jobId = await submit(output, 20, '-p', '2');
    await underWay(jobId);
    const path = savepointIn(await good('stop', '--type', 'canonical', jobId));
    await ends(jobId, 'FINISHED');
    const resumed = await submit(output, 20_000, '-s', path, '-p', '1');
    await ends(resumed, 'FINISHED');
    await expectExact(output);
  });

  test.skipIf(!reachesProcesses)('a job whose functions are killed goes on, and its output is exact', async () => {
    const killSlots = (): number => deployment.killSlots!();
    const output = freshOutput();
    const jobId = await submit(output, 200, '-p', '2');
    await underWay(jobId);
    expect(killSlots()).toBeGreaterThan(0);
    const { checkpoint } = (await deployment.api.job({ jobid: jobId })).weir;
    await until(async () => {
      const job = await deployment.api.job({ jobid: jobId });
      return job.weir.checkpoint > checkpoint || job['end-time'] !== -1;
    });
    killSlots();
    await ends(jobId, 'FINISHED');
    await expectExact(output);
  });

  test('a job whose driver is stopped by hand goes on, and its output is exact', async () => {
    const output = freshOutput();
    const jobId = await submit(output, 200, '-p', '2');
    await underWay(jobId);
    await stopDriver(jobId);
    await ends(jobId, 'FINISHED');
    await expectExact(output);
  });

  test.skipIf(!reachesSchedules)('a schedule takes a savepoint once for each of its times, and disposes of the one before', async () => {
    const fireSchedule = (time: Date): Promise<void> => deployment.fireSchedule!(time);
    const jobId = await submit(freshOutput(), 2, '-p', '2');
    await underWay(jobId);
    const savepoints = async (): Promise<readonly string[]> => pathsIn(await good('savepoint', 'list', jobId));
    const midnight = new Date('2026-01-01T00:00:00Z');
    await fireSchedule(midnight);
    await until(async () => (await savepoints()).length === 1);
    const [first] = await savepoints();
    await fireSchedule(midnight);
    expect(await savepoints()).toEqual([first]);
    await fireSchedule(new Date('2026-01-02T00:00:00Z'));
    await until(async () => (await savepoints()).length === 1 && (await savepoints())[0] !== first);
    expect(await objects.head(`${first}/_metadata`)).toBeUndefined();
    await good('cancel', jobId);
  });

  test('a deployment moves its job to a new version, refuses one that its state does not fit, and takes back one that fails', async () => {
    const output = freshOutput();
    // Slow enough to be under way for as long as deploying takes.
    const args = { input, output, rate: 2 };
    const deploy = (version: string, options: { readonly rate?: number; readonly schedule?: string } = {}) => {
      const { rate = args.rate, ...others } = options;
      return deployment.deploy({ jobFile: jobFile(version), mode: 'savepoint', args: { ...args, rate }, ...others });
    };
    const first = await submit(output, args.rate, '-p', '2');
    await underWay(first);

    const refused = await deploy('renamed');
    expect(refused.code).toBe(1);
    expect(`${refused.stdout}${refused.stderr}`).toContain('"counts"');
    expect(await state(first)).toBe('RUNNING');

    const broken = await deploy('broken');
    expect(broken.code).toBe(1);
    expect(`${broken.stdout}${broken.stderr}`).toContain('This version never works.');
    const [second] = await running();
    expect(second).not.toBe(first);
    await underWay(second!);

    const upgraded = await deploy('v2', { rate: 20_000, schedule: everyMinute });
    expect(upgraded).toMatchObject({ code: 0 });
    expect(await state(second!)).toBe('FINISHED');
    await until(async () => (await running()).length === 0);
    await expectExact(output);
    program = await newestProgram();
  });

  test('a job that is not known is refused by name', async () => {
    const unknown = '0'.repeat(32);
    const said: Said = await deployment.weir('cancel', unknown);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining(unknown) as string });
  });

  test.skipIf(!isDestroyed)(
    'what is destroyed leaves a savepoint of its job, from which one goes on that is deployed over it',
    async () => {
      const output = freshOutput();
      const jobId = await submit(output, 2, '-p', '2');
      await underWay(jobId);
      // Of the schedule that was deployed.
      await until(async () => (await operations(jobId)).some(({ kind, state }) => kind === 'savepoint' && state === 'completed'));
      expect(await deployment.destroy!()).toMatchObject({ code: 0 });
      expect(await deployment.deploy({ jobFile: jobFile('v2'), mode: 'manual', auth: 'token' })).toMatchObject({ code: 0 });
      program = await newestProgram();
      expect(await state(jobId)).toBe('FINISHED');
      const stop = (await operations(jobId)).find(({ kind }) => kind === 'stop');
      expect(stop?.state).toBe('completed');
      await ends(await submit(output, 20_000, '-s', stop!.path!, '-p', '3'), 'FINISHED');
      await expectExact(output);
    },
  );

  test.skipIf(flink === undefined)("Flink's own client drives the deployed API, once it has the token", async () => {
    const { url, token } = deployment.address!();
    const address = url.replace(/\/v1\/?$/, '');
    const directory = mkdtempSync(join(tmpdir(), 'weir-flink-'));
    const stranger = await flink!.at(url, directory);
    const client = stranger.with({ FLINK_REST_CLIENT_HEADERS: `Authorization:Bearer ${token}` });
    const flinkSays = async (verb: string, ...words: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await client(verb, '-m', address, ...words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };

    expect(await stranger('list', '-m', address)).toMatchObject({ code: 1 });
    const jobId = await submit(freshOutput(), 2, '-p', '2');
    await underWay(jobId);
    expect(await flinkSays('list')).toContain(`${jobId} : counts (RUNNING)`);
    expect(await flinkSays('checkpoint', jobId)).toMatch(new RegExp(`Checkpoint \\d+ for job ${jobId} completed.`));
    const path = savepointIn(await flinkSays('savepoint', jobId));
    expect(await flinkSays('savepoint', '-d', path)).toContain(`Savepoint '${path}' disposed.`);
    expect(await objects.head(`${path}/_metadata`)).toBeUndefined();
    const canceled = savepointIn(await flinkSays('cancel', '-s', path.slice(0, path.lastIndexOf('/')), jobId));
    await ends(jobId, 'CANCELED');
    const next = await submit(freshOutput(), 2, '-s', canceled, '-p', '1');
    expect(await flinkSays('stop', '--drain', next)).toMatch(/Savepoint completed. Path: s3:/);
    await ends(next, 'FINISHED');
    const last = await submit(freshOutput(), 2, '-s', canceled);
    expect(await flinkSays('cancel', last)).toContain(`Cancelled job ${last}.`);
    await ends(last, 'CANCELED');
    rmSync(directory, { recursive: true, force: true });
  });
}

interface Operation {
  readonly kind: string;
  readonly state: string;
  readonly path?: string;
}

const pathsIn = (said: string): readonly string[] => said.match(/s3:\/\/\S+\/savepoint-\S+/g) ?? [];

function savepointIn(said: string): string {
  const path = /(?:Path: |stored in )((?:file|s3):\/\/\S+?)\.?$/m.exec(said)?.[1];
  if (path === undefined) throw new Error(`No savepoint in:\n${said}`);
  return path;
}
