import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { outputLines } from '../../src/cli/function-output.ts';
import { StoredJobOutput } from '../../src/cli/job-output.ts';
import { type ControlClient, controlClient } from '../../src/control-api/client.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { decodeManifest } from '../../src/protocol/manifest-codec.ts';
import { type Ended, stopLocalCloud, WeirProcess } from '../cli/weir-process.ts';

/** The program that is printed in the guide. */
export const guideJob: string = fileURLToPath(new URL('../../examples/savepoint-guide/job.ts', import.meta.url));
export const jobOf = (name: string): string => fileURLToPath(new URL(`./jobs/${name}.ts`, import.meta.url));
/** What may become of that program; see its layouts. */
export const variants: string = jobOf('variants-job');

/** What the jobs of the guide print. */
export interface Row {
  readonly number: number;
  readonly mapped?: number;
  readonly second?: number;
  readonly total?: number;
  /** From 1. */
  readonly subtask: number;
}

export interface Stopped {
  readonly jobId: string;
  /** As the command printed it. */
  readonly path: string;
  readonly rows: readonly Row[];
}

/** A local cloud of its own, in the background, and `weir` commands as processes of their own over it. */
export class GuideCloud implements AsyncDisposable {
  readonly directory: string;
  /** Where savepoints go that name no other directory, if one is configured. */
  readonly savepoints: string;

  private constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'weir-guide-'));
    this.savepoints = join(this.directory, 'savepoints');
  }

  static async start(options: { readonly defaultDirectory: boolean } = { defaultDirectory: true }): Promise<GuideCloud> {
    const cloud = new GuideCloud();
    const configuration = options.defaultDirectory ? ['-D', `state.savepoints.dir=${cloud.savepoints}`] : [];
    await cloud.good('local', 'start', ...configuration);
    return cloud;
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  weir(...words: readonly string[]): Promise<Ended> {
    return new WeirProcess(this.directory, words).ended;
  }

  /** What the command said; fails if it failed. */
  async good(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.weir(...words);
    if (code !== 0) throw new Error(`weir ${words.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** What the command said went wrong; fails if nothing did. */
  async refused(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.weir(...words);
    if (code !== 1) throw new Error(`weir ${words.join(' ')} ended with ${code} instead of 1:\n${stdout}\n${stderr}`);
    return stderr;
  }

  /** A job in the background. `words` are those of `weir run -d`, the job's own after `--`. */
  async submit(...words: readonly string[]): Promise<string> {
    const said = await this.good('run', '-d', '--checkpoint-interval', '100', ...words);
    return /JobID ([0-9a-f]{32})/.exec(said)![1]!;
  }

  /** The control API as it stands now: a poll that is a process of its own would take half a second. */
  api(): ControlClient {
    const { url } = JSON.parse(readFileSync(this.path('.weir', 'local.json'), 'utf8')) as { readonly url: string };
    return controlClient(url);
  }

  /** What a job has printed so far. */
  async rows(jobId: string): Promise<readonly Row[]> {
    return rowsIn(await this.good('logs', jobId));
  }

  /** Resolves when so many rows were printed, and the checkpoint that holds them is complete. */
  async printedAtLeast(jobId: string, count: number): Promise<readonly Row[]> {
    const stored = new StoredJobOutput(this.path('.weir'), jobId);
    const lines: string[] = [];
    while (rowsIn(`${lines.join('\n')}\n`).length < count) {
      for (const output of stored.read()) lines.push(...outputLines(output));
      await pause(20);
    }
    const job = () => this.api().job({ jobid: jobId });
    const { weir } = await job();
    for (let now = await job(); now.weir.checkpoint === weir.checkpoint && now.state === 'RUNNING'; now = await job()) await pause(20);
    return await this.rows(jobId);
  }

  async state(jobId: string): Promise<string> {
    return (await this.api().jobStatus({ jobid: jobId })).status;
  }

  /** How the job ended, once it has: its savepoint is reported before the last of its effects is done. */
  async ended(jobId: string): Promise<string> {
    for (;;) {
      const status = await this.state(jobId);
      if (status === 'FINISHED' || status === 'CANCELED' || status === 'FAILED') return status;
      await pause(50);
    }
  }

  /** A job that counted for a while and was cancelled with a savepoint. */
  async stopped(words: readonly string[], atLeast = 40, how: readonly string[] = ['cancel', '-s']): Promise<Stopped> {
    const jobId = await this.submit(...words);
    await this.printedAtLeast(jobId, atLeast);
    const path = savepointIn(await this.good(...how, jobId));
    return { jobId, path, rows: await this.rows(jobId) };
  }

  /** Runs a job from a savepoint to its end, and gives what it printed. */
  async resumed(path: string, ...words: readonly string[]): Promise<readonly Row[]> {
    return rowsIn(await this.good('run', '-s', path, '--checkpoint-interval', '100', ...words));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLocalCloud(this.path('.weir'));
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

export function savepointIn(said: string): string {
  const path = /(?:Path: |stored in )((?:file|s3):\/\/\S+?)\.?$/m.exec(said)?.[1];
  if (path === undefined) throw new Error(`No savepoint in:\n${said}`);
  return path;
}

/** A local path as the URI that commands print. */
export const onDisk = (path: string): string => (path.startsWith('file://') ? fileURLToPath(path) : path);

/** The metadata of a savepoint on disk. */
export const metadataOf = (path: string): Manifest => decodeManifest(readFileSync(join(onDisk(path), '_metadata')));
export const metadataBytes = (path: string): number => statSync(join(onDisk(path), '_metadata')).size;
export const filesIn = (path: string): readonly string[] =>
  existsSync(onDisk(path)) ? readdirSync(onDisk(path), { recursive: true }).map(String).toSorted() : [];

/** The operators that have state in a savepoint, by uid or name. */
export const statefulIn = (manifest: Manifest): readonly string[] =>
  manifest.vertices.flatMap(({ operators }) =>
    operators.filter(({ states = [] }) => states.some(({ entries }) => entries > 0)).map(({ uid, name }) => uid ?? name),
  );

export function rowsIn(said: string): readonly Row[] {
  return [...said.matchAll(/^(?:(\d+)> )?(\{ number: .* \})$/gm)].map(([, subtask, text]) => ({
    ...(JSON.parse(text!.replaceAll(/(\w+):/g, '"$1":')) as Omit<Row, 'subtask'>),
    subtask: Number(subtask ?? 1),
  }));
}

export const numbersOf = (rows: readonly Row[]): readonly number[] => rows.map(({ number }) => number).toSorted((a, b) => a - b);
export const fromTo = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** The counts of all subtasks together, as each printed it last. */
export function lastSum(rows: readonly Row[], field: 'mapped' | 'second'): number {
  const last = new Map(rows.map((row) => [row.subtask, row[field] ?? 0]));
  return [...last.values()].reduce((sum, count) => sum + count, 0);
}
