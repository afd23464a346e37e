import { systemClock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import { controlClient } from '../control-api/client.ts';
import { connect, hasData } from './connect.ts';
import { followJob } from './follow-job.ts';
import { findInstance } from './instance-file.ts';
import { followOutput, StoredJobOutput } from './job-output.ts';
import type { Terminal } from './terminal.ts';
import { untilInterrupted } from './until-interrupted.ts';

export interface LogsOptions {
  readonly dataDirectory: string;
  readonly jobId: string;
  readonly follow: boolean;
}

/** `weir logs`: what a job's functions have printed, and with `follow` what they print until it has ended. */
export async function logsCommand({ dataDirectory, jobId, follow }: LogsOptions, terminal: Terminal): Promise<number> {
  const stored = new StoredJobOutput(dataDirectory, jobId);
  const lines = stored.read();
  if (lines.length === 0) await checkJob(dataDirectory, jobId);
  for (const output of lines) terminal.output(output);
  if (follow) return await followLogs(stored, { dataDirectory, jobId }, terminal);
  if (lines.length === 0) terminal.note(`Job ${jobId} has printed nothing.`);
  return 0;
}

/** Without a running local cloud nothing more can come. */
async function followLogs(
  stored: StoredJobOutput,
  { dataDirectory, jobId }: Pick<LogsOptions, 'dataDirectory' | 'jobId'>,
  terminal: Terminal,
): Promise<number> {
  const instance = await findInstance(dataDirectory);
  if (instance === undefined) {
    terminal.note(`No local cloud runs over ${dataDirectory}: nothing more will come.`);
    return 0;
  }
  const interrupt = untilInterrupted();
  const ending = new AbortController();
  try {
    const client = controlClient(instance.url);
    const followed = followJob({ client, jobId, clock: systemClock, signal: interrupt.signal, onProgress: () => undefined });
    const shown = followOutput(stored, (output) => terminal.output(output), { clock: systemClock, signal: ending.signal });
    await followed.finally(() => ending.abort());
    await shown;
    return interrupt.signal.aborted ? interrupt.code : 0;
  } finally {
    interrupt.release();
  }
}

/** Throws JOB_NOT_FOUND: a job that printed nothing is another matter than none. */
async function checkJob(dataDirectory: string, jobId: string): Promise<void> {
  if (!hasData(dataDirectory)) {
    throw new WeirError({
      code: 'JOB_NOT_FOUND',
      domain: 'user',
      message: `Job ${jobId} not found: there is nothing at ${dataDirectory}.`,
      advice: 'Give the data directory of the job with --data-dir.',
    });
  }
  const connection = await connect({ dataDirectory, otherwise: 'look' });
  try {
    await connection.client.jobStatus({ jobid: jobId });
  } finally {
    await connection.close();
  }
}
