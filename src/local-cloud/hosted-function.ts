import { FunctionEnvironment, type FunctionLogLine, type FunctionReply } from './function-environment.ts';
import { Turns } from './turns.ts';

/** What a function is made of. */
export interface FunctionDefinition {
  /** Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  /** Absolute path of the bundle, a module. */
  readonly handler: string;
  /** The name under which the module exports the handler. */
  readonly export: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A call that takes longer ends its environment. */
  readonly timeoutMs: number;
  /** Heap and all; an environment that takes more is ended. */
  readonly memoryMb: number;
  /** How long a call waits for the one before it; 0 throttles at once, as a reserved concurrency of 1 does. The default is `timeoutMs`. */
  readonly busyWaitMs?: number;
}

export interface HostedFunctionOptions {
  readonly functionArn: string;
  readonly recordFolder: string | undefined;
  /** Looked up at each start, before the definition's own. */
  readonly variables: () => Readonly<Record<string, string>>;
  readonly newRequestId: () => string;
  readonly idleMs: number;
  readonly onLog: (line: FunctionLogLine) => void;
  /** False: calls may take any time, and wait for their turn for any time, whatever the definition says. */
  readonly timeLimits: boolean;
  /** Asked at each start; see FunctionEnvironment. */
  readonly inspectorPort: () => number | undefined;
}

/** One function with at most one environment, which stays warm between calls. */
export class HostedFunction {
  readonly definition: FunctionDefinition;
  readonly #options: HostedFunctionOptions;
  readonly #turns = new Turns();
  #environment: FunctionEnvironment | undefined;
  #idle: NodeJS.Timeout | undefined;
  #doubled: 'first' | 'second' | undefined;
  #removed = false;

  constructor(definition: FunctionDefinition, options: HostedFunctionOptions) {
    this.definition = definition;
    this.#options = options;
  }

  /** The reply to a call, or `throttled`. After an abort nobody waits, but a call that has begun goes on, as in AWS. */
  async call(payload: string, signal?: AbortSignal): Promise<FunctionReply | 'throttled'> {
    signal?.throwIfAborted();
    if ((await this.#turns.take(this.#busyWaitMs, signal)) === 'refused') return 'throttled';
    if (signal?.aborted) {
      this.#turns.give();
      throw signal.reason;
    }
    const { promise: reply, resolve, reject } = Promise.withResolvers<FunctionReply>();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    void this.#deliver(payload, resolve)
      .catch(reject)
      .finally(() => this.#turns.give());
    try {
      return await reply;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Starts an environment if there is none, for the call to come: it loads while its caller does something else. */
  warm(): void {
    if (this.#removed || this.#environment !== undefined) return;
    this.#environment = this.#startEnvironment();
    this.#endWhenIdle(this.#environment);
  }

  /** As `kill`, but waits for nothing. */
  killNow(): void {
    this.#environment?.kill();
  }

  /** Ends the environment, if there is one, in the middle of whatever it does. The next call starts another. */
  async kill(): Promise<void> {
    this.#environment?.kill();
    await this.#environment?.ended;
  }

  /** Delivers the next call twice, one after the other, and answers it with the reply to the first or the second. */
  doubleNextCall(answerWith: 'first' | 'second'): void {
    this.#doubled = answerWith;
  }

  /** For good: a call that waits for its turn gets no environment any more. */
  async remove(): Promise<void> {
    this.#removed = true;
    clearTimeout(this.#idle);
    await this.kill();
  }

  async #deliver(payload: string, answer: (reply: FunctionReply) => void): Promise<void> {
    const doubled = this.#doubled;
    this.#doubled = undefined;
    const reply = await this.#once(payload);
    if (doubled !== 'second') answer(reply);
    if (doubled !== undefined) answer(await this.#once(payload));
  }

  async #once(payload: string): Promise<FunctionReply> {
    clearTimeout(this.#idle);
    const environment = await this.#warmEnvironment();
    if (environment === undefined) {
      const errorMessage = `Function "${this.definition.name}" was replaced or stopped.`;
      return { kind: 'failed', error: { errorType: 'Runtime.ExitError', errorMessage } };
    }
    const reply = await environment.call(this.#options.newRequestId(), payload, this.#timeoutMs);
    this.#endWhenIdle(environment);
    return reply;
  }

  #endWhenIdle(environment: FunctionEnvironment): void {
    this.#idle = setTimeout(() => environment.kill(), this.#options.idleMs).unref();
  }

  async #warmEnvironment(): Promise<FunctionEnvironment | undefined> {
    if (this.#environment?.over) await this.#environment.ended;
    if (this.#removed) return undefined;
    if (this.#environment === undefined || this.#environment.over) this.#environment = this.#startEnvironment();
    return this.#environment;
  }

  get #timeoutMs(): number {
    return this.#options.timeLimits ? this.definition.timeoutMs : Number.POSITIVE_INFINITY;
  }

  /** A function that throttles at once does so with or without limits. */
  get #busyWaitMs(): number {
    return this.definition.busyWaitMs === 0
      ? 0
      : this.#options.timeLimits
        ? (this.definition.busyWaitMs ?? this.#timeoutMs)
        : this.#timeoutMs;
  }

  #startEnvironment(): FunctionEnvironment {
    const { name, handler, memoryMb, environment } = this.definition;
    const { functionArn, recordFolder, variables, onLog, timeLimits, inspectorPort } = this.#options;
    return new FunctionEnvironment({
      functionName: name,
      functionArn,
      handler,
      export: this.definition.export,
      memoryMb,
      recordFolder,
      variables: { ...variables(), AWS_LAMBDA_FUNCTION_NAME: name, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb), ...environment },
      onLog,
      timeLimits,
      inspectorPort: inspectorPort(),
    });
  }
}
