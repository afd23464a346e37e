import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { functionEntries } from '../../functions/entries.ts';
import { systemClock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import { programArguments } from '../control-api/program-arguments.ts';
import type { JobDetails } from '../control-api/replies.ts';
import type { StateBackend } from '../protocol/job-description.ts';
import { buildProgram } from './build-program.ts';
import { type Connection, connect } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { explainFailure } from './explain-error.ts';
import { followJob } from './follow-job.ts';
import { checkInspectorPorts } from './inspector.ts';
import { followOutput, JobOutput, StoredJobOutput } from './job-output.ts';
import { programNamed } from './program-named.ts';
import { showResults } from './show-results.ts';
import type { Terminal } from './terminal.ts';
import { type Interrupt, untilInterrupted } from './until-interrupted.ts';

export interface RunOptions {
  /** With an endpoint, the name of a deployed program. */
  readonly jobFile?: string;
  /** Of a control API somewhere else. */
  readonly endpoint?: Endpoint;
  /** What stood after `--`. */
  readonly jobWords: readonly string[];
  readonly parallelism?: number;
  readonly checkpointIntervalMs?: number;
  readonly detached: boolean;
  readonly resume?: string;
  /** What the job begins from; nothing: from nothing. */
  readonly restore?: { readonly path: string; readonly allowNonRestoredState: boolean; readonly claimMode: 'no_claim' | 'claim' };
  /** Where savepoints go that name no directory: a URI. */
  readonly savepointDirectory?: string;
  readonly stateBackend?: StateBackend;
  /** The slots wait for a debugger, slot 0 at this port; 0 is any that is free. */
  readonly inspectorPort?: number;
  /** Absolute; undefined: everything in memory. */
  readonly dataDirectory?: string;
  readonly verbose: boolean;
}

/**
 * `weir run`: 0 if the job has FINISHED (detached: if it was submitted), 1 if it failed or nothing came of it; and if the job
 * was left to be resumed 130 after an interrupt, 143 after SIGTERM, 141 when nobody reads what it says.
 */
export async function runCommand(options: RunOptions, terminal: Terminal): Promise<number> {
  if (options.detached && options.inspectorPort !== undefined) throw notInspectable();
  checkEndpoint(options);
  const interrupt = untilInterrupted();
  const { dataDirectory, inspectorPort, resume } = options;
  const programsDirectory = dataDirectory === undefined ? mkdtempSync(join(tmpdir(), 'weir-check-')) : join(dataDirectory, 'programs');
  try {
    const here = options.resume === undefined && options.endpoint === undefined;
    const job = here ? await checkedJob(options, programsDirectory) : undefined;
    const output = new JobOutput((line) => terminal.output(line));
    if (inspectorPort !== undefined) await checkInspectorPorts(inspectorPort, job?.slots ?? 1);
    const connection = await connect({
      dataDirectory,
      otherwise: options.detached ? 'refuse' : 'drive',
      onOutput: (functionName, line) => output.take(functionName, line),
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.savepointDirectory === undefined ? {} : { savepointDirectory: options.savepointDirectory }),
      ...(inspectorPort === undefined ? {} : { inspector: { port: inspectorPort, ...(resume === undefined ? {} : { jobId: resume }) } }),
    });
    try {
      const jobId = await jobOf(connection, options, job, terminal);
      if (options.detached) return 0;
      output.begin(jobId);
      return await follow(connection, jobId, options, interrupt, terminal);
    } finally {
      await connection.close();
    }
  } finally {
    if (dataDirectory === undefined) rmSync(programsDirectory, { recursive: true, force: true });
    interrupt.release();
  }
}

/** What the local cloud alone can do is not left out in silence. */
function checkEndpoint({ endpoint, dataDirectory, inspectorPort, savepointDirectory }: RunOptions): void {
  if (endpoint === undefined) return;
  const said = [
    dataDirectory === undefined ? '--memory' : undefined,
    inspectorPort === undefined ? undefined : '--inspect',
    savepointDirectory === undefined ? undefined : '-D state.savepoints.dir',
  ].find((flag) => flag !== undefined);
  if (said === undefined) return;
  throw new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: `${said} is for the local cloud, but the job would run at ${endpoint.url}.`,
    advice: `Leave out ${said}, or the endpoint (--endpoint, WEIR_ENDPOINT).`,
  });
}

function notInspectable(): WeirError {
  return new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: 'A detached run has no inspector: its slots are processes of the local cloud in the background.',
    advice: 'Leave -d out, or --inspect.',
  });
}

interface CheckedJob {
  readonly jobFile: string;
  readonly name: string;
  readonly args: ReturnType<typeof programArguments>;
  /** So many of them the job takes, if the program has them. */
  readonly slots: number;
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
    sourceMaps: options.inspectorPort === undefined ? 'linked' : 'inline',
  });
  return { jobFile, name: jobGraph.jobName, args, slots: Math.max(...jobGraph.vertices.map((vertex) => vertex.parallelism)) };
}

/** The job to follow: one that is there, or a new one of the file's program, or of the program that is named. */
async function jobOf(connection: Connection, options: RunOptions, job: CheckedJob | undefined, terminal: Terminal): Promise<string> {
  if (options.resume !== undefined) return await jobToResume(connection, options.resume);
  if (job === undefined) {
    const programId = programNamed(options.jobFile);
    return await submit(connection, options, { programId, name: programId, args: programArguments(options.jobWords) }, terminal);
  }
  const { name, args } = job;
  const workingDirectory = process.cwd();
  const { programId } = await connection.client.deployProgram({}, { jobFile: resolve(job.jobFile), workingDirectory, name });
  // A slot that waits for a debugger is started when it is called.
  if (options.inspectorPort === undefined) connection.runtime?.warm(programId, job.slots);
  return await submit(connection, options, { programId, name, args }, terminal);
}

interface NamedProgram {
  readonly programId: string;
  readonly name: string;
  readonly args: ReturnType<typeof programArguments>;
}

async function submit({ client }: Connection, options: RunOptions, program: NamedProgram, terminal: Terminal): Promise<string> {
  const reply = await client.runProgram(
    { id: program.programId },
    {
      programArgs: program.args as Record<string, string>,
      ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
      ...(options.restore === undefined ? {} : restoreFields(options.restore)),
      weir: {
        ...(options.checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs: options.checkpointIntervalMs }),
        ...(options.stateBackend === undefined ? {} : { stateBackend: options.stateBackend }),
      },
    },
  );
  for (const warning of reply.weir.warnings) terminal.note(`warning: ${warning}`);
  terminal.result([`Job has been submitted with JobID ${reply.jobid}`], { event: 'submitted', jobId: reply.jobid, name: program.name });
  return reply.jobid;
}

const restoreFields = ({ path, allowNonRestoredState, claimMode }: NonNullable<RunOptions['restore']>) => ({
  savepointPath: path,
  allowNonRestoredState,
  claimMode: claimMode === 'claim' ? ('CLAIM' as const) : ('NO_CLAIM' as const),
});

/** Fails here if there is no such job, and not after a while of looking for it. */
async function jobToResume({ client }: Connection, jobId: string): Promise<string> {
  await client.jobStatus({ jobid: jobId });
  return jobId;
}

async function follow(
  connection: Connection,
  jobId: string,
  options: RunOptions,
  interrupt: Interrupt,
  terminal: Terminal,
): Promise<number> {
  const stored = connection.drives || options.endpoint !== undefined ? undefined : showStoredOutput(options, jobId, terminal);
  const last = await followJob({
    client: connection.client,
    jobId,
    clock: systemClock,
    signal: interrupt.signal,
    ...(connection.runtime === undefined ? {} : { onNews: (listener) => connection.runtime!.onDriverEnded(listener) }),
    onProgress: (event, { name }) => terminal.progress(event, { jobId, name }),
  });
  await stored?.end();
  if (last !== undefined && last['end-time'] !== -1) {
    await showResults(connection.client, jobId, terminal);
    return ended(last, options, terminal);
  }
  terminal.note(leftLine(connection, jobId, last, options));
  return interrupt.code;
}

/** A local cloud in the background keeps what functions print in files. What came before a job is resumed was shown before. */
function showStoredOutput(options: RunOptions, jobId: string, terminal: Terminal): { end(): Promise<void> } {
  const stored = new StoredJobOutput(options.dataDirectory!, jobId);
  if (options.resume !== undefined) stored.read();
  const ending = new AbortController();
  const shown = followOutput(stored, (output) => terminal.output(output), { clock: systemClock, signal: ending.signal });
  return {
    end() {
      ending.abort();
      return shown;
    },
  };
}

function ended(job: JobDetails, options: RunOptions, terminal: Terminal): number {
  if (job.state === 'FINISHED') return 0;
  const { cause } = job.weir;
  if (cause !== undefined) terminal.error(explainFailure(cause, { verbose: options.verbose, directory: process.cwd() }));
  return 1;
}

function leftLine(connection: Connection, jobId: string, last: JobDetails | undefined, options: RunOptions): string {
  if (options.endpoint !== undefined) {
    return `The job goes on at ${options.endpoint.url}; to follow it again: weir run --resume ${jobId} --endpoint ${options.endpoint.url}`;
  }
  if (!connection.drives) return `The job goes on in the local cloud; to follow it again: weir run --resume ${jobId}`;
  if (options.dataDirectory === undefined) return 'The job was in memory and is gone.';
  const where = options.dataDirectory === resolve('.weir') ? '' : ` --data-dir ${options.dataDirectory}`;
  return `The job stays as of checkpoint ${last?.weir.checkpoint ?? 0}; to go on: weir run --resume ${jobId}${where}`;
}
