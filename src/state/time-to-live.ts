import type { StateTtl } from '../stream/state.ts';
import type { Attempt } from './attempt.ts';

/**
 * The time to live of one state: what a table asks about the time at which an entry was last touched. An entry without
 * a time was stored before the state had a time to live; it lasts until it is touched or written.
 */
export class TimeToLive {
  readonly updatesOnRead: boolean;
  readonly returnsExpired: boolean;
  readonly #ms: number;
  readonly #attempt: Attempt;

  constructor({ ms, update, visibility }: StateTtl, attempt: Attempt) {
    this.updatesOnRead = update === 'onReadAndWrite';
    this.returnsExpired = visibility === 'returnExpiredIfNotCleanedUp';
    this.#ms = ms;
    this.#attempt = attempt;
  }

  hasExpired(time: number | undefined): boolean {
    return time !== undefined && time + this.#ms <= this.#attempt.stamp;
  }
}
