import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findInstance, hasEnded } from '../../src/cli/instance-file.ts';
import { shareBundles } from '../common-bundles.ts';

const weir = fileURLToPath(new URL('../../scripts/weir.mjs', import.meta.url));

export const jobFile = (name: string): string => fileURLToPath(new URL(`./jobs/${name}`, import.meta.url));
export const flightsJob: string = fileURLToPath(new URL('../../examples/flight-delays/job.ts', import.meta.url));
export const flights: string = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-2k.json', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a process group of its own, as a shell would start it, in a directory of its own. */
export class WeirProcess {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  readonly #waiting = new Set<() => void>();

  constructor(directory: string, words: readonly string[]) {
    shareBundles(directory, words);
    this.#child = spawn(process.execPath, [weir, ...words], { cwd: directory, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (part: Buffer) => {
      this.#stdout += part.toString();
      for (const look of this.#waiting) look();
    });
    this.#child.stderr?.on('data', (part: Buffer) => (this.#stderr += part.toString()));
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        for (const look of this.#waiting) look();
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** When standard output has matched, or at the end without a match, which throws. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (pattern.test(this.#stdout) || this.#child.exitCode !== null ? resolve() : undefined);
    this.#waiting.add(look);
    look();
    await Promise.race([promise, this.ended]);
    this.#waiting.delete(look);
    const match = pattern.exec(this.#stdout);
    if (match === null) throw new Error(`Ended without saying ${pattern}.\n${this.#stdout}\n${this.#stderr}`);
    return match;
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** The process, its functions, everything. */
  killGroup(): void {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
  }

  /** Only the process that was started: its functions are left to find out. */
  killAlone(): void {
    this.#child.kill('SIGKILL');
  }
}

/** As `weir local stop`, without a process of its own; nothing where none runs. */
export async function stopLocalCloud(dataDirectory: string): Promise<void> {
  const running = await findInstance(dataDirectory);
  if (running === undefined) return;
  process.kill(running.pid, 'SIGTERM');
  while (!hasEnded(dataDirectory, running)) await pause(20);
}

/** A fresh directory, with a local cloud that a test left behind stopped at its end. */
export class Workplace implements AsyncDisposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'weir-cli-'));

  start(...words: readonly string[]): WeirProcess {
    return new WeirProcess(this.directory, words);
  }

  weir(...words: readonly string[]): Promise<Ended> {
    return this.start(...words).ended;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLocalCloud(this.path('.weir'));
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
