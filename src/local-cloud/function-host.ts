import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { WeirError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { functionArn, functionNameOf } from './arns.ts';
import { endLeftoverChildren } from './child-records.ts';
import type { FunctionLogLine, FunctionReply } from './function-environment.ts';
import { type FunctionDefinition, HostedFunction } from './hosted-function.ts';
import { requestBytesMax } from './lambda-messages.ts';
import { readJsonFolder, writeJson } from './stored-json.ts';

export interface FunctionHostOptions {
  /** Where functions are kept; without it they are gone with the host. */
  readonly dataDir: string | undefined;
  readonly random: Random;
  /** What every function finds in its environment: endpoints and such. */
  readonly variables: () => Readonly<Record<string, string>>;
  /** An environment that had no call for so long is ended. */
  readonly idleMs: number;
  readonly onLog: (line: FunctionLogLine) => void;
  /** False: nothing takes too long. The default is true. */
  readonly timeLimits?: boolean;
  /** The port of a function's inspector, for those that wait for a debugger; asked when an environment starts. See FunctionEnvironment. */
  readonly inspectorPort?: (functionName: string) => number | undefined;
}

export type InvokeOutcome =
  | FunctionReply
  | { readonly kind: 'throttled' }
  | { readonly kind: 'unknownFunction' }
  | { readonly kind: 'requestTooLarge'; readonly bytes: number };

/** Lambda: functions, each with at most one environment, a process of its own. */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #functions = new Map<string, HostedFunction>();
  readonly #definitionFolder: string | undefined;
  readonly #recordFolder: string | undefined;
  /** A process that ends in a hurry leaves no busy environment behind. */
  readonly #onExit = (): void => {
    for (const hosted of this.#functions.values()) hosted.killNow();
  };

  /** Takes up what an earlier host left: its definitions again, its processes to end them. */
  constructor(options: FunctionHostOptions) {
    this.#options = options;
    process.on('exit', this.#onExit);
    if (options.dataDir === undefined) return;
    this.#definitionFolder = join(options.dataDir, 'functions');
    this.#recordFolder = join(options.dataDir, 'children');
    endLeftoverChildren(this.#recordFolder);
    for (const definition of readJsonFolder(this.#definitionFolder) as readonly FunctionDefinition[]) this.#host(definition);
  }

  /** Makes a function, or gives it new code: a warm environment is ended. Kept before this returns. */
  async create(definition: FunctionDefinition): Promise<{ readonly functionArn: string }> {
    check(definition);
    const former = this.#functions.get(definition.name);
    if (this.#definitionFolder !== undefined) writeJson(join(this.#definitionFolder, `${definition.name}.json`), definition);
    this.#host(definition);
    await former?.remove();
    return { functionArn: functionArn(definition.name) };
  }

  /** Deleting what is not there is success. */
  async delete(target: string): Promise<void> {
    const name = functionNameOf(target);
    if (this.#definitionFolder !== undefined) rmSync(join(this.#definitionFolder, `${name}.json`), { force: true });
    const former = this.#functions.get(name);
    this.#functions.delete(name);
    await former?.remove();
  }

  /**
   * Calls a function, by name or ARN, with JSON text. Rejects only with the signal's reason; a call that has begun goes
   * on even so.
   */
  async invoke(target: string, payload: string, signal?: AbortSignal): Promise<InvokeOutcome> {
    const hosted = this.#functions.get(functionNameOf(target));
    if (hosted === undefined) return { kind: 'unknownFunction' };
    const bytes = Buffer.byteLength(payload);
    if (bytes > requestBytesMax) return { kind: 'requestTooLarge', bytes };
    const reply = await hosted.call(payload, signal);
    return reply === 'throttled' ? { kind: 'throttled' } : reply;
  }

  /** See HostedFunction. Throws WeirError `FUNCTION_UNKNOWN`. */
  warm(target: string): void {
    this.#known(target).warm();
  }

  /** See HostedFunction. Throws WeirError `FUNCTION_UNKNOWN`. */
  async killEnvironment(target: string): Promise<void> {
    await this.#known(target).kill();
  }

  /** See HostedFunction. Throws WeirError `FUNCTION_UNKNOWN`. */
  doubleNextCall(target: string, answerWith: 'first' | 'second' = 'second'): void {
    this.#known(target).doubleNextCall(answerWith);
  }

  /** Ends all environments. */
  async stop(): Promise<void> {
    process.off('exit', this.#onExit);
    await Promise.all([...this.#functions.values()].map((hosted) => hosted.remove()));
  }

  #known(target: string): HostedFunction {
    const hosted = this.#functions.get(functionNameOf(target));
    if (hosted !== undefined) return hosted;
    throw new WeirError({ code: 'FUNCTION_UNKNOWN', domain: 'user', message: `There is no function "${target}" in the embedded cloud.` });
  }

  #host(definition: FunctionDefinition): void {
    const { random, variables, idleMs, onLog, timeLimits = true, inspectorPort } = this.#options;
    const hosted = new HostedFunction(definition, {
      functionArn: functionArn(definition.name),
      recordFolder: this.#recordFolder,
      variables: () => ({ ...plainVariables(this.#options.dataDir), ...variables() }),
      newRequestId: () => random.hex(16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      idleMs,
      onLog,
      timeLimits,
      inspectorPort: () => inspectorPort?.(definition.name),
    });
    this.#functions.set(definition.name, hosted);
  }
}

/** What a process needs of the machine, and nothing of its user. */
function plainVariables(dataDir: string | undefined): Record<string, string> {
  const inherited = ['PATH', 'TMPDIR', 'SystemRoot'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    TZ: 'UTC',
    NODE_COMPILE_CACHE: dataDir === undefined ? join(tmpdir(), 'node-compile-cache') : join(dataDir, 'compile-cache'),
  };
}

function check({ name, handler, timeoutMs, memoryMb }: FunctionDefinition): void {
  const refuse = (message: string): never => {
    throw new WeirError({ code: 'FUNCTION_INVALID', domain: 'user', message });
  };
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) refuse(`The function name "${name}" must be 1 to 64 letters, digits, hyphens and underscores.`);
  if (!isAbsolute(handler) || !existsSync(handler))
    refuse(`The handler of function "${name}" must be a file with an absolute path, but is "${handler}".`);
  if (!(timeoutMs > 0 && timeoutMs <= 900_000)) refuse(`The time-out of function "${name}" must be up to 900000 ms, but is ${timeoutMs}.`);
  if (!(memoryMb >= 128 && memoryMb <= 10_240)) refuse(`The memory of function "${name}" must be 128 to 10240 MB, but is ${memoryMb}.`);
}
