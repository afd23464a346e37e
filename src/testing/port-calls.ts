import { messageOf, WeirError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type CallerKind, type Fault, type FaultPlan, lateMs, type Operation, type PortCall } from './faults.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** Who makes a call. One that is lost makes no more calls, and nothing it waits for ever comes. */
export interface Caller {
  readonly kind: CallerKind;
  readonly name: string;
  readonly lost: boolean;
  /** Added to the latency of every call: an environment that hardly moves. */
  readonly slownessMs: number;
  lose(): void;
}

export const outside: Caller = { kind: 'outside', name: 'outside', lost: false, slownessMs: 0, lose: () => undefined };

/** What never comes: the reply to somebody who is gone. */
export const never = <T>(): Promise<T> => new Promise(() => undefined);

export interface PortCallsOptions {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly plan: FaultPlan;
}

export interface StoreRequest<T> {
  readonly operation: Operation;
  readonly target: string;
  /** Happens in one instant; called twice under a fault. */
  readonly effect: () => T;
  /** For the journal. */
  readonly describe: (answer: T) => string;
}

const latenciesMs: { readonly [port: string]: { readonly least: number; readonly spread: number } } = {
  records: { least: 2, spread: 6 },
  objects: { least: 8, spread: 30 },
  workflows: { least: 5, spread: 20 },
  functions: { least: 3, spread: 9 },
  versions: { least: 40, spread: 200 },
  machines: { least: 30, spread: 120 },
};

/** Every call of every port passes here: it gets its number, its latency and its fault, and leaves a line in the journal. */
export class PortCalls {
  /** One line per call, when it ended: number, virtual time since the start, caller, operation, target, outcome. */
  readonly journal: string[] = [];
  readonly #options: PortCallsOptions;
  readonly #startedAt: number;
  #next = 0;

  constructor(options: PortCallsOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Calls made so far. */
  get count(): number {
    return this.#next;
  }

  enter(caller: Caller, operation: Operation, target: string): { readonly call: PortCall; readonly fault: Fault | undefined } {
    const call: PortCall = { index: this.#next++, operation, target, from: caller.name, callerKind: caller.kind };
    return { call, fault: this.#options.plan(call) };
  }

  /** How long a request or a reply of this port is on its way, in milliseconds. */
  latency(operation: Operation): number {
    const { least, spread } = latenciesMs[operation.slice(0, operation.indexOf('.'))]!;
    return Math.floor((least + this.#options.random.fraction() * spread) / 2) + 1;
  }

  note(call: PortCall, fault: Fault | undefined, outcome: string): void {
    const at = this.#options.clock.now() - this.#startedAt;
    const planned = fault === undefined ? '' : ` [${fault.kind}]`;
    this.journal.push(`${call.index} ${at} ${call.from} ${call.operation} ${call.target}${planned} ${outcome}`);
  }

  /** A call of a store: its effect is one instant between the way there and the way back. */
  async perform<T>(caller: Caller, request: StoreRequest<T>): Promise<T> {
    if (caller.lost) return never();
    const { clock } = this.#options;
    const { call, fault } = this.enter(caller, request.operation, request.target);
    await clock.sleep(this.latency(request.operation) + caller.slownessMs);
    if (fault !== undefined) await this.#before(caller, call, fault, request);
    const answer = this.#happen(call, fault, request);
    if (fault !== undefined) await this.#after(caller, call, fault, request);
    await clock.sleep(this.latency(request.operation));
    return caller.lost ? never() : answer;
  }

  #happen<T>(call: PortCall, fault: Fault | undefined, request: StoreRequest<T>): T {
    try {
      let answer = request.effect();
      if (fault?.kind === 'doubled') answer = request.effect();
      this.note(call, fault, request.describe(answer));
      return answer;
    } catch (error) {
      this.note(call, fault, `refused: ${messageOf(error)}`);
      throw error;
    }
  }

  async #before<T>(caller: Caller, call: PortCall, fault: Fault, request: StoreRequest<T>): Promise<void> {
    const { clock } = this.#options;
    switch (fault.kind) {
      case 'errorBefore':
      case 'throttled':
        this.note(call, fault, 'failed');
        throw failure(call, fault);
      case 'errorLate':
        this.note(call, fault, 'failed');
        this.#later(fault, request);
        throw failure(call, fault);
      case 'loseEnvironment':
        this.note(call, fault, 'lost');
        caller.lose();
        return never();
      case 'delay':
        return clock.sleep(fault.ms ?? lateMs);
      default:
    }
  }

  async #after<T>(caller: Caller, call: PortCall, fault: Fault, request: StoreRequest<T>): Promise<void> {
    if (fault.kind === 'errorAfter') throw failure(call, fault);
    if (fault.kind === 'echo') this.#later(fault, request);
    if (fault.kind === 'loseEnvironmentAfter') {
      caller.lose();
      await never();
    }
  }

  /** Nobody waits for it, and nobody hears of it when it is refused. */
  #later<T>(fault: Fault, request: StoreRequest<T>): void {
    const happen = () => {
      try {
        request.effect();
      } catch {
        // A late request that the service refuses has no effect and no caller.
      }
    };
    void this.#options.clock.sleep(fault.ms ?? lateMs).then(happen);
  }
}

function failure(call: PortCall, fault: Fault): WeirError {
  const throttled = fault.kind === 'throttled';
  return new WeirError({
    code: throttled ? 'THROTTLED' : 'SERVICE_FAILED',
    domain: throttled ? 'resources' : 'external',
    message: `${call.operation} of ${call.target} ${throttled ? 'was throttled' : 'failed'} (simulated fault "${fault.kind}" at call ${call.index}).`,
  });
}
