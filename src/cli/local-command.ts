import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';
import { controlClient } from '../control-api/client.ts';
import { findInstance, hasEnded, type LocalInstance } from './instance-file.ts';
import type { Terminal } from './terminal.ts';
import { plural } from './units.ts';
import { untilInterrupted } from './until-interrupted.ts';

export interface LocalOptions {
  readonly dataDirectory: string;
  readonly port?: number;
  /** Where savepoints go that name no directory: a URI. */
  readonly savepointDirectory?: string;
}

const startMsMax = 20_000;
const stopMsMax = 15_000;
const pollMs = 50;

/** `weir local start`: a local cloud in the background that drives the jobs of a data directory until it is stopped. */
async function startLocal(options: LocalOptions, terminal: Terminal): Promise<number> {
  const running = await findInstance(options.dataDirectory);
  if (running !== undefined) {
    terminal.result([`A local cloud runs already: ${described(running)}.`], { started: false, ...running });
    return 0;
  }
  mkdirSync(options.dataDirectory, { recursive: true });
  const logFile = join(options.dataDirectory, 'local.log');
  const log = openSync(logFile, 'w');
  const words = [
    'local',
    'serve',
    '--data-dir',
    options.dataDirectory,
    ...(options.port === undefined ? [] : ['--port', String(options.port)]),
    ...(options.savepointDirectory === undefined ? [] : ['-D', `state.savepoints.dir=${options.savepointDirectory}`]),
  ];
  const child = spawn(process.execPath, [process.argv[1]!, ...words], { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  for (let waitedMs = 0; waitedMs < startMsMax && child.exitCode === null; waitedMs += pollMs) {
    const instance = await findInstance(options.dataDirectory);
    if (instance !== undefined) {
      terminal.result([`Local cloud started: ${described(instance)}.`], { started: true, ...instance });
      return 0;
    }
    await systemClock.sleep(pollMs);
  }
  const said =
    readFileSync(logFile, 'utf8')
      .trim()
      .split('\n')[0]
      ?.replace(/^error: /, '') ?? '';
  throw new WeirError({
    code: 'LOCAL_CLOUD_FAILED',
    domain: 'external',
    message: `The local cloud did not start${said === '' ? '.' : `: ${said}`}`,
    advice: `Its log is ${logFile}.`,
  });
}

/** `weir local stop`: jobs stay where they are, and go on when a local cloud starts over the same directory. */
async function stopLocal(options: LocalOptions, terminal: Terminal): Promise<number> {
  const running = await findInstance(options.dataDirectory);
  if (running === undefined) {
    terminal.result([`No local cloud runs over ${options.dataDirectory}.`], { stopped: false });
    return 0;
  }
  process.kill(running.pid, 'SIGTERM');
  for (let waitedMs = 0; !hasEnded(options.dataDirectory, running); waitedMs += pollMs) {
    if (waitedMs === stopMsMax) process.kill(running.pid, 'SIGKILL');
    await systemClock.sleep(pollMs);
  }
  terminal.result(['Local cloud stopped. Its jobs go on when it is started again.'], { stopped: true, pid: running.pid });
  return 0;
}

/** `weir local status`: exit code 0 if one runs, else 1. */
async function localStatus(options: LocalOptions, terminal: Terminal): Promise<number> {
  const running = await findInstance(options.dataDirectory);
  if (running === undefined) {
    terminal.result([`No local cloud runs over ${options.dataDirectory}.`], { running: false });
    return 1;
  }
  const overview = await controlClient(running.url).overview({});
  const jobs = `${plural(overview['jobs-running'], 'job')} running, ${overview['jobs-finished']} finished, ${overview['jobs-failed']} failed`;
  const variables = Object.entries(running.environment).map(([name, value]) => `  ${name}=${value}`);
  const lines = [`Local cloud: ${described(running)}; ${jobs}.`, 'AWS clients reach it with:', ...variables];
  terminal.result(lines, { running: true, ...running, overview });
  return 0;
}

/** The background process itself. */
async function serveLocalCloud(options: LocalOptions): Promise<number> {
  const interrupted = untilInterrupted();
  const { LocalRuntime } = await import('./local-runtime.ts');
  const runtime = await LocalRuntime.start({ ...options, drive: true, kind: 'background' });
  await interrupted.ended;
  await runtime.close();
  return 0;
}

const described = (instance: LocalInstance): string => `${instance.url}, process ${instance.pid}`;

export const localCommands = {
  'local start': startLocal,
  'local stop': stopLocal,
  'local status': localStatus,
  'local serve': serveLocalCloud,
} as const;
