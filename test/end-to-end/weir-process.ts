import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { shareBundles } from '../common-bundles.ts';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(repository, 'scripts', 'weir.mjs');

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A `weir` command as a process of its own, seen only from outside: what it prints, its exit code, its files. */
export class WeirProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  #output = '';

  constructor(args: readonly string[], directory: string = repository) {
    shareBundles(directory, args);
    this.#child = spawn(process.execPath, [bin, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (data: Buffer) => (this.#output += data.toString()));
    this.ended = new Promise((resolve) => this.#child.on('close', (code) => resolve({ code, output: this.#output })));
  }

  /** Resolves with the first match in what was printed; fails when the process ends without one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    let isOver = false;
    void this.ended.then(() => (isOver = true));
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (isOver) throw new Error(`Ended without printing ${pattern}:\n${this.#output}`);
      await pause(10);
    }
  }

  /** SIGKILL to the command and all it has started, at once. */
  killAll(): void {
    if (this.#child.pid !== undefined && this.#child.exitCode === null) process.kill(-this.#child.pid, 'SIGKILL');
  }

  /** SIGKILL to the command's own process only; what it has started finds out by itself. */
  killHost(): void {
    if (this.#child.pid !== undefined) killed(this.#child.pid);
  }
}

/** Process ids of the function environments of a data directory, as they are recorded there. */
export function environmentPids(dataDirectory: string): readonly number[] {
  try {
    return readdirSync(join(dataDirectory, 'children'))
      .map((name) => Number.parseInt(name, 10))
      .filter(Number.isFinite);
  } catch {
    return [];
  }
}

export function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
