import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** It takes a second or two; a machine that is busy may take much longer. */
const triesMax = 600;

export interface ServerProgram {
  readonly program: string;
  readonly words: (port: number, directory: string) => readonly string[];
  /** Answered once it is ready, whatever the status. */
  readonly readyPath: string;
}

/** A server that is a process of its own, with everything it keeps in one folder; gone afterwards. */
export class Served implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #said = '';

  private constructor(child: ChildProcess, directory: string, url: string) {
    this.#child = child;
    this.#directory = directory;
    this.url = url;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (this.#said += part.toString()));
  }

  static async start({ program, words, readyPath }: ServerProgram): Promise<Served> {
    const directory = mkdtempSync(join(tmpdir(), 'weir-served-'));
    const port = await freePort();
    const environment = { PATH: process.env['PATH'], HOME: directory, TMPDIR: directory, LANG: 'C.UTF-8' };
    const child = spawn(program, words(port, directory), { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const served = new Served(child, directory, `http://127.0.0.1:${port}`);
    try {
      for (let tries = 0; tries < triesMax; tries++) {
        if (child.exitCode !== null) break;
        if ((await fetch(served.url + readyPath).catch(() => undefined)) !== undefined) return served;
        await pause(100);
      }
      throw new Error(`${program} does not answer at ${served.url}:\n${served.#said}`);
    } catch (thrown) {
      await served[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
