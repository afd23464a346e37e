import type { Random } from '../base/random.ts';
import type { TaskError } from './task-error.ts';

/** One entry of a state's `Retry`, as the States Language has it. Times in seconds. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'NONE' | 'FULL';
}

function matches(retrier: Retrier, error: TaskError): boolean {
  if (!error.isRetryable) return false;
  return retrier.ErrorEquals.some(
    (name) => name === error.name || name === 'States.ALL' || (name === 'States.TaskFailed' && error.name !== 'States.Timeout'),
  );
}

/** Counts the retries of one visit to a state. The first retrier that matches decides, also when it is used up. */
export class TaskRetry {
  readonly #retriers: readonly Retrier[];
  readonly #used: number[];
  readonly #random: Random | undefined;

  constructor(retriers: readonly Retrier[], random: Random | undefined) {
    this.#retriers = retriers;
    this.#used = retriers.map(() => 0);
    this.#random = random;
  }

  /** Milliseconds to pause before the next try; nothing if there is none. Without a Random, jitter takes the longest pause. */
  pauseAfter(error: TaskError): number | undefined {
    const index = this.#retriers.findIndex((retrier) => matches(retrier, error));
    const retrier = this.#retriers[index];
    if (retrier === undefined) return undefined;
    const used = this.#used[index]!;
    if (used >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.#used[index] = used + 1;
    const grown = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** used;
    const pauseMs = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY) * 1000;
    return retrier.JitterStrategy === 'FULL' && this.#random !== undefined ? Math.floor(this.#random.fraction() * pauseMs) : pauseMs;
  }
}
