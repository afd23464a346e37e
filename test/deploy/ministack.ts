import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../external/tools/free-port.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
/** It takes about a second; a machine that is busy may take much longer. */
const triesMax = 600;

/** A whole AWS on this machine: MiniStack as a process of its own, with everything it keeps in one folder, gone afterwards. */
export class MiniStack implements AsyncDisposable {
  readonly url: string;
  readonly directory: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, directory: string, url: string) {
    this.#child = child;
    this.directory = directory;
    this.url = url;
  }

  static async start(python: string): Promise<MiniStack> {
    const directory = mkdtempSync(join(tmpdir(), 'weir-ministack-'));
    const port = await freePort();
    // A process group of its own, so that its functions end with it.
    const child = spawn(python, ['-m', 'ministack'], {
      cwd: directory,
      env: environmentOf(directory, port),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const log = createWriteStream(join(directory, 'log'));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const started = new MiniStack(child, directory, `http://127.0.0.1:${port}`);
    try {
      await started.#answers();
      return started;
    } catch (thrown) {
      await started[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** What it has said so far. */
  log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }

  /** For whoever is to take it for AWS: commands, and the clients of this process. */
  clientEnvironment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
  }

  /** Of the processes that run functions whose names have this in them. */
  functionPids(name: string): readonly number[] {
    const processes = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
    return processes
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
      .filter((match) => match !== null && Number(match[2]) === this.#child.pid)
      .filter((match) => /ministack-lambda-(\S+)\/_worker/.exec(match![3]!)?.[1]?.includes(name) === true)
      .map((match) => Number(match![1]));
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < triesMax; tries++) {
      if (this.#child.exitCode !== null) throw new Error(`MiniStack ended with ${this.#child.exitCode}:\n${this.log()}`);
      const reply = await fetch(`${this.url}/_ministack/health`).catch(() => undefined);
      if (reply?.ok === true) return;
      await pause(100);
    }
    throw new Error(`MiniStack doesn't answer at ${this.url}:\n${this.log()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#child.exitCode === null ? new Promise((resolve) => this.#child.once('exit', resolve)) : undefined;
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // All of them are gone.
    }
    await ended;
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

const region = 'us-east-1';

/** Nothing but this: MiniStack hands its own environment down to the functions. */
function environmentOf(directory: string, port: number): NodeJS.ProcessEnv {
  return {
    // The functions run on the `node` that it finds.
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: directory,
    TMPDIR: directory,
    LANG: 'C.UTF-8',
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    SFTP_ENABLED: '0',
    // The custom resources of the CDK expect the SDK that Lambda has.
    NODE_PATH: modules,
  };
}
