import type { Random } from '../base/random.ts';
import type { Json } from './json.ts';
import { TaskError } from './task-error.ts';

/** A task that waits for somebody who holds its token. */
export interface WaitingTask {
  /** The output that was sent; rejects with the failure that was sent. */
  readonly ended: Promise<Json>;
  /** The task ended some other way: the token is good no more. */
  close(): void;
}

export type SendOutcome = 'sent' | 'gone' | 'invalid';

interface Waiter {
  readonly succeed: (output: Json) => void;
  readonly fail: (error: TaskError) => void;
}

/** The task tokens of all executions of one cloud. A token is good from when its task waits until the task ends. */
export class TaskTokens {
  readonly #random: Random;
  readonly #waiting = new Map<string, Waiter>();

  constructor(random: Random) {
    this.#random = random;
  }

  issue(): string {
    return this.#random.hex(32);
  }

  open(token: string): WaitingTask {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    promise.catch(() => undefined);
    const close = () => void this.#waiting.delete(token);
    this.#waiting.set(token, {
      succeed: (output) => {
        close();
        resolve(output);
      },
      fail: (error) => {
        close();
        reject(error);
      },
    });
    return { ended: promise, close };
  }

  /** `gone`: the task ended before; `invalid`: no such token was ever issued. */
  succeed(token: string, output: Json): SendOutcome {
    return this.#send(token, (waiter) => waiter.succeed(output));
  }

  fail(token: string, error: string, cause: string): SendOutcome {
    return this.#send(token, (waiter) => waiter.fail(new TaskError(error, cause)));
  }

  /** Tells whether the task still waits; nothing depends on heartbeats. */
  heartbeat(token: string): SendOutcome {
    return this.#send(token, () => undefined);
  }

  #send(token: string, act: (waiter: Waiter) => void): SendOutcome {
    const waiter = this.#waiting.get(token);
    if (waiter === undefined) return /^[0-9a-f]{64}$/.test(token) ? 'gone' : 'invalid';
    act(waiter);
    return 'sent';
  }
}
