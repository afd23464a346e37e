import type { Clock } from '../base/clock.ts';
import { type ErrorDomain, messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import type { FunctionService, Json } from '../cloud/index.ts';
import { responseBytesMax } from '../local-cloud/lambda-messages.ts';
import { type Fault, lateMs } from './faults.ts';
import { type Caller, never, type PortCalls } from './port-calls.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** Handles one call after the other; what it keeps between them is the memory of its environment. */
export type FunctionHandler = (payload: Json) => Promise<Json>;

export interface FunctionDefinition {
  readonly functionArn: string;
  readonly timeLimitMs: number;
  /** A cold start: makes everything that an environment has in memory. */
  readonly start: (environment: Environment) => FunctionHandler;
}

/** An error by the name that workflows match. */
export function namedError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Where one function's calls run, one at a time: a process with memory, warm between calls until it is lost. */
export class Environment implements Caller {
  readonly kind = 'environment';
  readonly name: string;
  lost = false;
  slownessMs = 0;
  handler: FunctionHandler | undefined;
  onLost: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  lose(): void {
    this.lost = true;
    this.handler = undefined;
    this.onLost?.();
  }

  /** The clock as this environment sees it: whoever is gone wakes no more. */
  clockOver(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        if (this.lost) await never();
      },
    };
  }
}

export interface SimulatedFunctionsOptions {
  readonly calls: PortCalls;
  readonly clock: SimulatedClock;
  readonly random: Random;
  /** So many environments of a function stay, even if calls come one at a time: those that were passed over are behind. Default 1. */
  readonly environmentsPerFunction?: number;
}

/** Functions with as many environments as calls need at once; an idle one is used again, whichever chance picks. */
export class SimulatedFunctions {
  readonly #options: SimulatedFunctionsOptions;
  readonly #definitions = new Map<string, FunctionDefinition>();
  readonly #live = new Map<string, readonly Environment[]>();
  readonly #idle = new Map<string, Environment[]>();
  #environments = 0;

  constructor(options: SimulatedFunctionsOptions) {
    this.#options = options;
  }

  define(definition: FunctionDefinition): void {
    this.#definitions.set(definition.functionArn, definition);
  }

  /** From now on there is no such function; what runs in it goes on. */
  remove(functionArn: string): void {
    this.#definitions.delete(functionArn);
  }

  /** The port as this caller sees it. */
  for(caller: Caller): FunctionService {
    return {
      invoke: async (functionArn, payload) => {
        try {
          return await this.invoke(caller, functionArn, payload, responseBytesMax);
        } catch (cause) {
          throw portError(functionArn, cause);
        }
      },
    };
  }

  /** A call as workflows make it: throws errors whose names are those that Step Functions matches. */
  async invoke(caller: Caller, functionArn: string, payload: Json, bytesMax: number = limits.workflowPayloadBytesMax): Promise<Json> {
    if (caller.lost) return never();
    const { calls, clock } = this.#options;
    const definition = this.#definitions.get(functionArn);
    if (definition === undefined) throw namedError('Lambda.ResourceNotFoundException', `There is no function ${functionArn}.`);
    const sent = bounded(JSON.stringify(payload), bytesMax);
    const { call, fault } = calls.enter(caller, 'functions.invoke', functionArn);
    try {
      await clock.sleep(calls.latency('functions.invoke') + caller.slownessMs);
      const reply = bounded(await this.#deliver(caller, definition, sent, fault), bytesMax);
      calls.note(call, fault, `sent ${Buffer.byteLength(sent)} bytes, replied ${Buffer.byteLength(reply)}`);
      await clock.sleep(calls.latency('functions.invoke'));
      return caller.lost ? await never() : (JSON.parse(reply) as Json);
    } catch (error) {
      calls.note(call, fault, `failed: ${error instanceof Error ? error.name : String(error)}`);
      throw error;
    }
  }

  async #deliver(caller: Caller, definition: FunctionDefinition, sent: string, fault: Fault | undefined): Promise<string> {
    const { clock } = this.#options;
    switch (fault?.kind) {
      case 'errorBefore':
        throw namedError('Lambda.ServiceException', 'The service failed.');
      case 'throttled':
        throw namedError('Lambda.TooManyRequestsException', 'Rate exceeded.');
      case 'errorAfter':
        await this.#run(definition, sent);
        throw namedError('Lambda.SdkClientException', 'The connection was reset.');
      case 'delay':
        await clock.sleep(fault.ms ?? lateMs);
        return await this.#run(definition, sent);
      case 'doubled':
        return await this.#runTwice(definition, sent);
      case 'loseEnvironment':
        this.#take(definition).lose();
        throw namedError('Runtime.ExitError', 'The environment exited.');
      case 'loseEnvironmentAfter':
        await this.#run(definition, sent, (environment) => environment.lose());
        throw namedError('Runtime.ExitError', 'The environment exited.');
      case 'zombie':
        this.#run(definition, sent, undefined, zombieSlownessMs).catch(() => undefined);
        await clock.sleep(zombieSlownessMs);
        throw namedError('Sandbox.Timedout', 'The call timed out.');
      case 'loseExecution': {
        const reply = this.#run(definition, sent);
        caller.lose();
        return await reply;
      }
      default:
        return await this.#run(definition, sent);
    }
  }

  /** At once, in two environments; the caller hears of one of them. */
  async #runTwice(definition: FunctionDefinition, sent: string): Promise<string> {
    const twins = [this.#run(definition, sent), this.#run(definition, sent)] as const;
    const ended = await Promise.allSettled(twins);
    const heard = ended[this.#options.random.fraction() < 0.5 ? 0 : 1];
    if (heard.status === 'rejected') throw heard.reason;
    return heard.value;
  }

  async #run(
    definition: FunctionDefinition,
    sent: string,
    afterwards?: (environment: Environment) => void,
    slownessMs = 0,
  ): Promise<string> {
    const { clock, random } = this.#options;
    const environment = this.#take(definition);
    environment.slownessMs = slownessMs;
    const ended = new AbortController();
    const gone = new Promise<never>((_, reject) => {
      environment.onLost = () => reject(namedError('Runtime.ExitError', 'The environment exited.'));
      clock.sleep(definition.timeLimitMs, ended.signal).then(
        () => {
          reject(namedError('Sandbox.Timedout', `Task timed out after ${definition.timeLimitMs / 1000} seconds`));
          environment.lose();
        },
        () => undefined,
      );
    });
    const work = async () => {
      if (environment.handler === undefined) {
        await clock.sleep(coldStartMs + Math.floor(random.fraction() * coldStartMs));
        environment.handler = definition.start(environment);
      }
      return JSON.stringify(await environment.handler(JSON.parse(sent) as Json));
    };
    try {
      return await Promise.race([work(), gone]);
    } finally {
      ended.abort();
      environment.onLost = undefined;
      afterwards?.(environment);
      this.#giveBack(definition, environment);
    }
  }

  #take(definition: FunctionDefinition): Environment {
    const { functionArn } = definition;
    const idle = this.#idle.get(functionArn) ?? [];
    const live = (this.#live.get(functionArn) ?? []).filter((environment) => !environment.lost);
    if (idle.length === 0 || live.length < (this.#options.environmentsPerFunction ?? 1)) {
      const environment = new Environment(`${functionArn}#${this.#environments++}`);
      this.#live.set(functionArn, [...live, environment]);
      return environment;
    }
    return idle.splice(Math.floor(this.#options.random.fraction() * idle.length), 1)[0]!;
  }

  #giveBack(definition: FunctionDefinition, environment: Environment): void {
    if (environment.lost) return;
    environment.slownessMs = 0;
    const idle = this.#idle.get(definition.functionArn);
    if (idle === undefined) this.#idle.set(definition.functionArn, [environment]);
    else idle.push(environment);
  }
}

const coldStartMs = 90;

/** What each step of a zombie takes: with a handful of calls it ends long after later attempts began, within its time limit. */
const zombieSlownessMs = 7_000;

function bounded(text: string, bytesMax: number): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return text;
  throw namedError('States.DataLimitExceeded', `The payload takes ${bytes} bytes, and at most ${bytesMax} fit.`);
}

/** As Lambda's adapter reports it. */
function portError(functionArn: string, cause: unknown): WeirError {
  const name = cause instanceof Error ? cause.name : 'Error';
  const { code, domain } = serviceFaults.get(name) ?? { code: 'FUNCTION_FAILED', domain: 'external' };
  const message = `Function ${functionArn} failed: ${name}: ${messageOf(cause)}`;
  return new WeirError({ code, domain, message, subject: { function: functionArn, errorName: name }, cause });
}

/** Of the service, not of the function. */
const serviceFaults: ReadonlyMap<string, { readonly code: string; readonly domain: ErrorDomain }> = new Map([
  ['Lambda.ResourceNotFoundException', { code: 'CLOUD_RESOURCE_MISSING', domain: 'user' }],
  ['Lambda.TooManyRequestsException', { code: 'THROTTLED', domain: 'resources' }],
  ['Lambda.ServiceException', { code: 'SERVICE_FAILED', domain: 'external' }],
  ['Lambda.SdkClientException', { code: 'SERVICE_FAILED', domain: 'external' }],
]);
