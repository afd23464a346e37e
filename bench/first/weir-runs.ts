import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { type MeasuredRun, runMeasured } from './run-measured.ts';

const command = fileURLToPath(new URL('../../scripts/weir.mjs', import.meta.url));
const lookMs = 5;

export interface WeirRun extends MeasuredRun {
  readonly checkpoints: number;
  /** Of the checkpoints seen on the way, but the first and the last. */
  readonly checkpointBytes: readonly number[];
  /** From the start of the command to the first file of output that a reader would find; undefined without output. */
  readonly firstOutputMs: number | undefined;
  readonly output: string;
}

export interface WeirRunOptions {
  readonly job: 'ndjson' | 'generator' | 'empty';
  readonly parallelism: number;
  readonly checkpointIntervalMs: number;
  /** Of the job. */
  readonly args: readonly string[];
  /** Runs of one folder share what is bundled once. */
  readonly folder: string;
}

/** `weir run` of one of the jobs beside this file, as its users run it: on the embedded cloud, with a data directory. */
export async function runWeir({ job, parallelism, checkpointIntervalMs, args, folder }: WeirRunOptions): Promise<WeirRun> {
  const jobFile = fileURLToPath(new URL(`${job}-job.ts`, import.meta.url));
  const output = join(folder, 'output');
  rmSync(output, { recursive: true, force: true });
  const ending = new AbortController();
  const firstOutput = untilOutput(output, ending.signal);
  const flags = [
    '--parallelism',
    `${parallelism}`,
    '--checkpoint-interval',
    `${checkpointIntervalMs}`,
    '--data-dir',
    join(folder, 'data'),
    '--json',
  ];
  try {
    const run = await runMeasured([command, 'run', jobFile, ...flags, '--', ...args, '--output', output]);
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ProgressLine);
    const ended = events.find(({ event }) => event === 'ended');
    if (ended?.state !== 'FINISHED') throw new Error(`The job did not finish:\n${run.stdout}`);
    const seen = events.filter(({ event }) => event === 'checkpoint').map((event) => event.checkpointBytes!);
    ending.abort();
    return { ...run, checkpoints: ended.checkpoints!, checkpointBytes: seen.slice(1, -1), firstOutputMs: await firstOutput, output };
  } finally {
    ending.abort();
  }
}

interface ProgressLine {
  readonly event: string;
  readonly state?: string;
  readonly checkpoints?: number;
  readonly checkpointBytes?: number;
}

/** All lines of output, in no particular order. */
export function linesOf(output: string): readonly string[] {
  return readdirSync(output)
    .filter((name) => name.startsWith('part-'))
    .flatMap((name) => readFileSync(join(output, name), 'utf8').trim().split('\n'));
}

async function untilOutput(output: string, signal: AbortSignal): Promise<number | undefined> {
  const startedAt = systemClock.now();
  while (!signal.aborted) {
    if (published(output)) return systemClock.now() - startedAt;
    await systemClock.sleep(lookMs);
  }
  return undefined;
}

function published(output: string): boolean {
  try {
    return readdirSync(output).some((name) => name.startsWith('part-'));
  } catch {
    return false;
  }
}
