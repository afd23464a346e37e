import { existsSync } from 'node:fs';
import { WeirError } from '../base/errors.ts';
import { type ControlClient, controlClient } from '../control-api/client.ts';
import { clientOf, type Endpoint } from './endpoint.ts';
import { findInstance, type LocalInstance } from './instance-file.ts';
import type { InspectorOptions, LocalRuntime } from './local-runtime.ts';

export interface Connection {
  readonly client: ControlClient;
  /** Whether the jobs are driven by this process, and so only as long as it lives. */
  readonly drives: boolean;
  /** What this process can do for the jobs that it drives, beyond what the API says; missing if it drives none. */
  readonly runtime?: Pick<LocalRuntime, 'warm' | 'onDriverEnded'>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Undefined: in memory. */
  readonly dataDirectory: string | undefined;
  /** What to do if no local cloud runs over the directory: start one here that drives jobs, one that only looks, or none. */
  readonly otherwise: 'drive' | 'look' | 'refuse';
  /** What functions print that are run here, line by line. */
  readonly onOutput?: (functionName: string, line: string) => void;
  /** For jobs that are run here: see LocalRuntimeOptions. */
  readonly inspector?: InspectorOptions;
  /** Of a local cloud that is started here: see LocalRuntimeOptions. */
  readonly savepointDirectory?: string;
  /** Of a control API somewhere else: the data directory does not matter then. */
  readonly endpoint?: Endpoint;
}

/** Finds the local cloud of a data directory, or starts one within this process. */
export async function connect({
  dataDirectory,
  otherwise,
  onOutput,
  inspector,
  savepointDirectory,
  endpoint,
}: ConnectOptions): Promise<Connection> {
  if (endpoint !== undefined) return { client: await clientOf(endpoint), drives: false, close: async () => undefined };
  const running = dataDirectory === undefined ? undefined : await findInstance(dataDirectory);
  if (running !== undefined && inspector !== undefined) throw runsElsewhere(running, dataDirectory);
  if (running !== undefined) return { client: controlClient(running.url), drives: false, close: async () => undefined };
  if (otherwise === 'refuse') {
    throw new WeirError({
      code: 'NO_LOCAL_CLOUD',
      domain: 'user',
      message: `No local cloud runs over ${dataDirectory ?? 'memory'}.`,
      advice: 'Start one: weir local start.',
    });
  }
  const runtime = await (await import('./local-runtime.ts')).LocalRuntime.start({
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
    ...(onOutput === undefined ? {} : { onOutput }),
    ...(inspector === undefined ? {} : { inspector }),
    drive: otherwise === 'drive',
    kind: 'foreground',
    ...(savepointDirectory === undefined ? {} : { savepointDirectory }),
  });
  const drives = otherwise === 'drive';
  return { client: controlClient(runtime.url), drives, ...(drives ? { runtime } : {}), close: () => runtime.close() };
}

function runsElsewhere({ pid }: LocalInstance, dataDirectory: string | undefined): WeirError {
  return new WeirError({
    code: 'DATA_DIR_IN_USE',
    domain: 'user',
    message: `The slots of a job can't be inspected here: the local cloud of ${dataDirectory ?? 'memory'} is another process, ${pid}.`,
    advice: 'Stop it with weir local stop, or run the job with --memory or with a --data-dir of its own.',
  });
}

/** Whether anything was ever stored there. */
export const hasData = (dataDirectory: string): boolean => existsSync(dataDirectory);
