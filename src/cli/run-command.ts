import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { functionEntries } from '../../functions/entries.ts';
import { systemClock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import { programArguments } from '../control-api/program-arguments.ts';
import type { JobDetails } from '../control-api/replies.ts';
import { buildProgram } from './build-program.ts';
import { type Connection, connect } from './connect.ts';
import { explainFailure } from './explain-error.ts';
import { followJob } from './follow-job.ts';
import type { Terminal } from './terminal.ts';
import { untilInterrupted } from './until-interrupted.ts';

export interface RunOptions {
  readonly jobFile?: string;
  /** What stood after `--`. */
  readonly jobWords: readonly string[];
  readonly parallelism?: number;
  readonly checkpointIntervalMs?: number;
  readonly detached: boolean;
  readonly resume?: string;
  /** Absolute; undefined: everything in memory. */
  readonly dataDirectory?: string;
  readonly verbose: boolean;
}

const interruptedCode = 130;

/** `weir run`: 0 if the job has FINISHED (detached: if it was submitted), 130 if it was left to be resumed, else 1. */
export async function runCommand(options: RunOptions, terminal: Terminal): Promise<number> {
  const interrupt = untilInterrupted();
  const { dataDirectory } = options;
  const programsDirectory = dataDirectory === undefined ? mkdtempSync(join(tmpdir(), 'weir-check-')) : join(dataDirectory, 'programs');
  try {
    const job = options.resume === undefined ? await checkedJob(options, programsDirectory) : undefined;
    const connection = await connect({ dataDirectory, otherwise: options.detached ? 'refuse' : 'drive' });
    try {
      const jobId = job === undefined ? await jobToResume(connection, options.resume!) : await submit(connection, options, job, terminal);
      if (options.detached) return 0;
      return await follow(connection, jobId, options, interrupt.signal, terminal);
    } finally {
      await connection.close();
    }
  } finally {
    if (dataDirectory === undefined) rmSync(programsDirectory, { recursive: true, force: true });
    interrupt.release();
  }
}

interface CheckedJob {
  readonly jobFile: string;
  readonly name: string;
  readonly args: ReturnType<typeof programArguments>;
}

async function checkedJob(options: RunOptions, programsDirectory: string): Promise<CheckedJob> {
  const { jobFile, parallelism } = options;
  if (jobFile === undefined) {
    throw new WeirError({
      code: 'BAD_COMMAND',
      domain: 'user',
      message: 'weir run needs a job file, or --resume with the id of a job.',
      advice: 'For example: weir run job.ts -- --input data.json.',
    });
  }
  const args = programArguments(options.jobWords);
  const { jobGraph } = await buildProgram({
    jobFile,
    entries: functionEntries,
    outDir: programsDirectory,
    args,
    ...(parallelism === undefined ? {} : { parallelism }),
  });
  return { jobFile, name: jobGraph.jobName, args };
}

async function submit({ client }: Connection, options: RunOptions, job: CheckedJob, terminal: Terminal): Promise<string> {
  const { programId } = await client.deployProgram({}, { jobFile: resolve(job.jobFile), workingDirectory: process.cwd(), name: job.name });
  const reply = await client.runProgram(
    { id: programId },
    {
      programArgs: job.args as Record<string, string>,
      ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
      weir: options.checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs: options.checkpointIntervalMs },
    },
  );
  for (const warning of reply.weir.warnings) terminal.note(`warning: ${warning}`);
  terminal.result([`Job has been submitted with JobID ${reply.jobid}`], { event: 'submitted', jobId: reply.jobid, name: job.name });
  return reply.jobid;
}

/** Fails here if there is no such job, and not after a while of looking for it. */
async function jobToResume({ client }: Connection, jobId: string): Promise<string> {
  await client.jobStatus({ jobid: jobId });
  return jobId;
}

async function follow(
  connection: Connection,
  jobId: string,
  options: RunOptions,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<number> {
  const last = await followJob({
    client: connection.client,
    jobId,
    clock: systemClock,
    signal,
    onProgress: (event, { name }) => terminal.progress(event, { jobId, name }),
  });
  if (last !== undefined && last['end-time'] !== -1) return ended(last, options, terminal);
  terminal.note(leftLine(connection, jobId, last, options));
  return interruptedCode;
}

function ended(job: JobDetails, options: RunOptions, terminal: Terminal): number {
  if (job.state === 'FINISHED') return 0;
  const { cause } = job.weir;
  if (cause !== undefined) terminal.error(explainFailure(cause, { verbose: options.verbose, directory: process.cwd() }));
  return 1;
}

function leftLine(connection: Connection, jobId: string, last: JobDetails | undefined, options: RunOptions): string {
  if (!connection.drives) return `The job goes on in the local cloud; to follow it again: weir run --resume ${jobId}`;
  if (options.dataDirectory === undefined) return 'The job was in memory and is gone.';
  const where = options.dataDirectory === resolve('.weir') ? '' : ` --data-dir ${options.dataDirectory}`;
  return `The job stays as of checkpoint ${last?.weir.checkpoint ?? 0}; to go on: weir run --resume ${jobId}${where}`;
}
