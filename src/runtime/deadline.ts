import type { Clock } from '../base/clock.ts';
import { WeirError } from '../base/errors.ts';

/** When a call gives up by itself. Asked at the borders of batches, since nothing can interrupt what is synchronous. */
export class Deadline {
  readonly signal: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #startedAt: number;

  constructor(clock: Clock, deadlineMs: number, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#startedAt = clock.now();
    this.signal = signal;
  }

  get elapsedMs(): number {
    return Math.max(0, this.#clock.now() - this.#startedAt);
  }

  /** Throws DEADLINE_EXCEEDED. */
  check(): void {
    const aborted = this.signal?.aborted === true;
    if (!aborted && this.elapsedMs < this.#deadlineMs) return;
    throw new WeirError({
      code: 'DEADLINE_EXCEEDED',
      domain: 'resources',
      message: aborted
        ? `The call was given up after ${this.elapsedMs} ms.`
        : `The call had ${this.#deadlineMs} ms, and ${this.elapsedMs} are over.`,
      advice:
        'The epoch is tried again with smaller batches; if it stays so, look for an endless loop in a user function, or give the job more slots.',
    });
  }
}
