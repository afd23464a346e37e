import { systemClock } from '../../base/clock.ts';
import type { ControlClient } from '../../control-api/client.ts';
import { connect } from '../connect.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Terminal } from '../terminal.ts';
import { locationOf } from './location.ts';
import { waitForOperation } from './wait-for-operation.ts';

/** How a client finds the control API, and how long it waits for an answer. */
export interface ClientOptions {
  readonly dataDirectory: string;
  readonly endpoint?: Endpoint;
  readonly timeoutMs: number;
}

export interface SavepointOptions extends ClientOptions {
  readonly jobId: string;
  readonly directory?: string;
  readonly format: 'NATIVE' | 'CANONICAL';
  readonly detached: boolean;
}

/** Where to ask for a result that was not waited for. */
export const askLater = (jobId: string, id: string): string => `Ask for it later: weir operations ${jobId} ${id}`;

/** `weir savepoint <jobId>`: the job goes on. */
export async function savepointCommand(options: SavepointOptions, terminal: Terminal): Promise<number> {
  const { jobId, directory, format, detached } = options;
  return await withClient(options, async (client) => {
    terminal.step(`Triggering savepoint ${detached ? 'in detached mode ' : ''}for job ${jobId}.`);
    const { 'request-id': id } = await client.triggerSavepoint(
      { jobid: jobId },
      { formatType: format, ...(directory === undefined ? {} : { 'target-directory': locationOf(directory) }) },
    );
    if (detached) return said(terminal, [`Successfully trigger manual savepoint, triggerId: ${id}`], { event: 'triggered', jobId, id });
    terminal.step('Waiting for response...');
    const path = await savepointOf(client, jobId, id, options);
    return said(terminal, [`Savepoint completed. Path: ${path}`, 'You can resume your program from this savepoint with the run command.'], {
      event: 'savepoint',
      jobId,
      id,
      path,
    });
  });
}

export interface CancelOptions extends ClientOptions {
  readonly jobId: string;
  /** Left out: cancel at once, without a savepoint. */
  readonly withSavepoint?: { readonly directory?: string; readonly format: 'NATIVE' | 'CANONICAL' };
}

/** `weir cancel`: with a savepoint, both happen or neither. */
export async function cancelCommand(options: CancelOptions, terminal: Terminal): Promise<number> {
  const { jobId, withSavepoint } = options;
  return await withClient(options, async (client) => {
    if (withSavepoint === undefined) {
      terminal.step(`Cancelling job ${jobId}.`);
      await client.cancelJob({ jobid: jobId });
      return said(terminal, [`Cancelled job ${jobId}.`], { event: 'cancelled', jobId });
    }
    const { directory, format } = withSavepoint;
    const where = directory === undefined ? 'default savepoint directory' : locationOf(directory);
    terminal.step(`Cancelling job ${jobId} with ${format} savepoint to ${where}.`);
    const { 'request-id': id } = await client.triggerSavepoint(
      { jobid: jobId },
      { 'cancel-job': true, formatType: format, ...(directory === undefined ? {} : { 'target-directory': where }) },
    );
    const path = await savepointOf(client, jobId, id, options);
    return said(terminal, [`Cancelled job ${jobId}. Savepoint stored in ${path}.`], { event: 'cancelled', jobId, id, path });
  });
}

export interface StopOptions extends SavepointOptions {
  readonly drain: boolean;
}

/** `weir stop`: the job ends FINISHED at the savepoint's barrier; drained, after the final watermark. */
export async function stopCommand(options: StopOptions, terminal: Terminal): Promise<number> {
  const { jobId, directory, format, drain, detached } = options;
  return await withClient(options, async (client) => {
    terminal.step(`${drain ? 'Draining' : 'Suspending'} job "${jobId}" with a ${format} savepoint.`);
    terminal.step(`Triggering stop-with-savepoint ${detached ? 'in detached mode ' : ''}for job ${jobId}.`);
    const { 'request-id': id } = await client.stopJob(
      { jobid: jobId },
      { drain, formatType: format, ...(directory === undefined ? {} : { targetDirectory: locationOf(directory) }) },
    );
    if (detached)
      return said(terminal, [`Successfully trigger stop-with-savepoint in detached mode, triggerId: ${id}`], {
        event: 'triggered',
        jobId,
        id,
      });
    terminal.step('Waiting for response...');
    const path = await savepointOf(client, jobId, id, options);
    return said(terminal, [`Savepoint completed. Path: ${path}`], { event: 'stopped', jobId, id, path });
  });
}

/** `weir checkpoint <jobId>`: one now, without waiting for the interval. */
export async function checkpointCommand(options: ClientOptions & { readonly jobId: string }, terminal: Terminal): Promise<number> {
  const { jobId } = options;
  return await withClient(options, async (client) => {
    terminal.step(`Triggering checkpoint for job ${jobId}.`);
    const { 'request-id': id } = await client.triggerCheckpoint({ jobid: jobId });
    terminal.step('Waiting for response...');
    const done = await waitForOperation(() => client.checkpointStatus({ jobid: jobId, triggerid: id }), {
      clock: systemClock,
      timeoutMs: options.timeoutMs,
      what: 'The checkpoint',
      askLater: askLater(jobId, id),
    });
    const lines = [
      `Checkpoint ${done.checkpointId} for job ${jobId} completed.`,
      'You can resume your program from this checkpoint with the run command.',
    ];
    return said(terminal, lines, { event: 'checkpoint', jobId, checkpoint: done.checkpointId });
  });
}

export interface DisposeOptions extends ClientOptions {
  readonly path: string;
  readonly force: boolean;
}

/** `weir savepoint -d <path>`. */
export async function disposeCommand(options: DisposeOptions, terminal: Terminal): Promise<number> {
  return await withClient(
    options,
    async (client) => {
      const path = locationOf(options.path);
      terminal.step(`Disposing savepoint '${options.path}'.`);
      const { 'request-id': id } = await client.disposeSavepoint({}, { 'savepoint-path': path, weir: { force: options.force } });
      terminal.step('Waiting for response...');
      const { weir } = await waitForOperation(() => client.disposalStatus({ triggerid: id }), {
        clock: systemClock,
        timeoutMs: options.timeoutMs,
        what: 'The disposal',
        askLater: 'Dispose of it again: what is done stays done.',
      });
      const kept = (weir?.kept ?? []).map(({ what, why }) => `kept ${what}: ${why}`);
      return said(terminal, [`Savepoint '${options.path}' disposed.`, ...kept], { event: 'disposed', path, ...weir });
    },
    'look',
  );
}

/** Asks for the savepoint until it is there. */
async function savepointOf(client: ControlClient, jobId: string, id: string, { timeoutMs }: ClientOptions): Promise<string> {
  const { location } = await waitForOperation(() => client.savepointStatus({ jobid: jobId, triggerid: id }), {
    clock: systemClock,
    timeoutMs,
    what: 'The savepoint',
    askLater: askLater(jobId, id),
  });
  return location!;
}

export async function withClient<T>(
  { dataDirectory, endpoint }: Pick<ClientOptions, 'dataDirectory' | 'endpoint'>,
  use: (client: ControlClient) => Promise<T>,
  otherwise: 'refuse' | 'look' = 'refuse',
): Promise<T> {
  const connection = await connect({ dataDirectory, otherwise, ...(endpoint === undefined ? {} : { endpoint }) });
  try {
    return await use(connection.client);
  } finally {
    await connection.close();
  }
}

export function said(terminal: Terminal, lines: readonly string[], json: object): number {
  terminal.result(lines, json);
  return 0;
}
