import type { Clock } from '../base/clock.ts';

interface Sleeper {
  readonly dueAt: number;
  readonly wake: () => void;
}

/**
 * Virtual time. It stands still while anything can run, and jumps to the end of the next sleep when nothing can: when
 * the queue of promises is empty, which a turn of the event loop shows. One sleeper is woken at a time, so that the
 * order of all that happens depends on the program alone. There must be no real I/O in a simulation: nobody would
 * wait for it.
 */
export class SimulatedClock implements Clock {
  #now: number;
  /** By descending due time, so that the next one is at the end; of equal times the one that began first is nearer to it. */
  readonly #sleepers: Sleeper[] = [];
  #turning = false;
  #stopped = false;

  constructor(startAt: number = Date.UTC(2001, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  /** Sleeps that are under way. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#remove(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { dueAt: this.#now + Math.ceil(ms), wake };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#insert(sleeper);
    });
  }

  /** The end of the world: no sleep ends any more, so that what still goes round in it can be forgotten. */
  stop(): void {
    this.#stopped = true;
    this.#sleepers.length = 0;
  }

  #insert(sleeper: Sleeper): void {
    if (this.#stopped) return;
    let low = 0;
    let high = this.#sleepers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sleepers[middle]!.dueAt > sleeper.dueAt) low = middle + 1;
      else high = middle;
    }
    this.#sleepers.splice(low, 0, sleeper);
    this.#turn();
  }

  #remove(sleeper: Sleeper): void {
    const index = this.#sleepers.indexOf(sleeper);
    if (index >= 0) this.#sleepers.splice(index, 1);
  }

  #turn(): void {
    if (this.#turning || this.#sleepers.length === 0) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      const next = this.#sleepers.pop();
      if (next === undefined) return;
      this.#now = Math.max(this.#now, next.dueAt);
      next.wake();
      this.#turn();
    });
  }
}
