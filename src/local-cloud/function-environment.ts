import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { forgetChild } from './child-records.ts';
import type { EnvironmentMessage, EnvironmentStart, FunctionError, InvokeMessage } from './lambda-messages.ts';

export type FunctionReply =
  /** `payload` is JSON text. */
  { readonly kind: 'returned'; readonly payload: string } | { readonly kind: 'failed'; readonly error: FunctionError };

export interface FunctionLogLine {
  readonly functionName: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

export interface EnvironmentOptions extends EnvironmentStart {
  /** All of the child's environment: nothing is inherited, least of all somebody's real credentials. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onLog: (line: FunctionLogLine) => void;
  /** False: loading may take any time. A call's own limit comes with the call. */
  readonly timeLimits: boolean;
  /** Node's inspector listens on this port of the machine (0: on any that is free), and nothing is loaded before a debugger is there. */
  readonly inspectorPort: number | undefined;
}

/** Loading the handler may take this long. */
const initMsMax = 20_000;
const memoryLookMs = 250;
/** Handlers set timers by their deadline, and timers take 31 bits. */
const timerMsMax = 2_147_483_647;
const mebibyte = 1024 * 1024;

/** The same file beside this one, from source or compiled. */
const childModule = fileURLToPath(new URL(`./lambda-child${extname(import.meta.url)}`, import.meta.url));

/**
 * One process that runs a function, warm from call to call.
 *
 * 1. One call at a time: the caller sees to that.
 * 2. A call is answered once: with the function's reply, with a time-out, or with the process's end.
 * 3. When `ended` has resolved, the process is gone for good and can have no more effects.
 */
export class FunctionEnvironment {
  readonly ended: Promise<void>;
  readonly #options: EnvironmentOptions;
  readonly #child: ChildProcess;
  readonly #ready: Promise<FunctionError | undefined>;
  #over = false;
  /** Why it was killed, if it was for cause: that is what its call is told. */
  #verdict: FunctionError | undefined;
  #answer: ((reply: FunctionReply) => void) | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { functionName, functionArn, handler, export: exported, memoryMb, recordFolder } = options;
    const start: EnvironmentStart = { functionName, functionArn, handler, export: exported, memoryMb, recordFolder };
    this.#child = fork(childModule, [JSON.stringify(start)], {
      env: { ...options.variables },
      // The heap's share of the memory; the rest is for buffers, code and stacks.
      execArgv: [
        '--enable-source-maps',
        '--disable-warning=ExperimentalWarning',
        `--max-old-space-size=${Math.ceil(options.memoryMb * 0.75)}`,
        ...(options.inspectorPort === undefined ? [] : [`--inspect-wait=127.0.0.1:${options.inspectorPort}`]),
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#passOn('stdout', this.#child.stdout);
    this.#passOn('stderr', this.#child.stderr);
    const exit = new Promise<FunctionError>((resolve) => {
      this.#child.once('error', (error) => resolve({ errorType: 'Runtime.ExitError', errorMessage: error.message }));
      this.#child.once('exit', (code, signal) => resolve(this.#verdict ?? exitError(code, signal)));
    });
    this.ended = exit.then((error) => this.#onEnd(error));
    this.#ready = Promise.race([this.#untilReady(), exit]);
    this.#child.on('message', (message: EnvironmentMessage) => this.#onReply(message));
  }

  /** No more calls: it was killed, or crashed. */
  get over(): boolean {
    return this.#over;
  }

  /** `timeoutMs` may be infinite. */
  async call(requestId: string, payload: string, timeoutMs: number): Promise<FunctionReply> {
    const failure = await this.#ready;
    if (failure !== undefined) {
      this.kill(failure);
      return { kind: 'failed', error: failure };
    }
    const { promise, resolve } = Promise.withResolvers<FunctionReply>();
    this.#answer = resolve;
    if (this.#over) resolve({ kind: 'failed', error: this.#verdict ?? exitError(null, 'SIGKILL') });
    const message: InvokeMessage = { kind: 'invoke', requestId, payload, deadline: Date.now() + Math.min(timeoutMs, timerMsMax) };
    if (this.#child.connected) this.#child.send(message, () => undefined);
    const onLate = () => this.kill(timeoutError(requestId, timeoutMs));
    const timeout = timeoutMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(onLate, timeoutMs);
    const memory = setInterval(() => this.#lookAtMemory(residentBytes(this.#child.pid)), memoryLookMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timeout);
      clearInterval(memory);
      this.#answer = undefined;
    }
  }

  /** Ends the process in the middle of whatever it does. Its call fails with `verdict`. */
  kill(verdict?: FunctionError): void {
    this.#over = true;
    this.#verdict ??= verdict;
    this.#child.kill('SIGKILL');
  }

  /** The error with which the handler could not be loaded; nothing when it was. */
  #untilReady(): Promise<FunctionError | undefined> {
    return new Promise((resolve) => {
      const errorMessage = `Loading the handler took more than ${initMsMax / 1000} seconds`;
      const onLate = () => this.kill({ errorType: 'Sandbox.Timedout', errorMessage });
      const late = this.#options.timeLimits ? setTimeout(onLate, initMsMax) : undefined;
      this.#child.once('exit', () => clearTimeout(late));
      this.#child.once('message', (message: EnvironmentMessage) => {
        clearTimeout(late);
        resolve(message.kind === 'initFailed' ? message.error : undefined);
      });
    });
  }

  #onReply(message: EnvironmentMessage): void {
    if (message.kind === 'ready' || message.kind === 'initFailed') return;
    if (message.kind === 'returned') this.#answer?.({ kind: 'returned', payload: message.payload });
    else this.#answer?.({ kind: 'failed', error: message.error });
    this.#lookAtMemory(message.rssBytes);
  }

  #onEnd(error: FunctionError): void {
    this.#over = true;
    if (this.#options.recordFolder !== undefined && this.#child.pid !== undefined) forgetChild(this.#options.recordFolder, this.#child.pid);
    this.#answer?.({ kind: 'failed', error });
  }

  #lookAtMemory(bytes: number | undefined): void {
    if (bytes === undefined || bytes <= this.#options.memoryMb * mebibyte) return;
    const used = `used ${Math.ceil(bytes / mebibyte)} MB of ${this.#options.memoryMb} MB`;
    this.kill({ errorType: 'Runtime.OutOfMemory', errorMessage: `Error: Runtime exited with error: signal: killed (${used})` });
  }

  #passOn(stream: 'stdout' | 'stderr', from: Readable | null): void {
    if (from === null) return;
    const { functionName, onLog } = this.#options;
    createInterface({ input: from }).on('line', (line) => onLog({ functionName, stream, line }));
  }
}

function exitError(code: number | null, signal: NodeJS.Signals | null): FunctionError {
  const how = signal === null ? `exit status ${code ?? 'unknown'}` : `signal: ${signal}`;
  return { errorType: 'Runtime.ExitError', errorMessage: `Error: Runtime exited with error: ${how}` };
}

function timeoutError(requestId: string, timeoutMs: number): FunctionError {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds` };
}

/** Linux tells it of any process; elsewhere environments tell it of themselves after each call. */
function residentBytes(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}
