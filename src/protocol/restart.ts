import type { FailureCause } from './failure.ts';
import { sameFault } from './failure.ts';
import type { RestartStrategy } from './job-description.ts';

export interface FailureHistory {
  /** Failures in a row, without the one at hand. */
  readonly failures: number;
  readonly failedAt: number;
  readonly cause?: FailureCause;
}

export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number; readonly failures: number }
  | { readonly kind: 'giveUp' };

/**
 * Whether and when a job comes back. A fault of the program is replayed once, at once: epochs are replayed exactly, so
 * that the same fault at the same record is no accident, and no strategy would get over it.
 */
export function decideRestart(strategy: RestartStrategy, history: FailureHistory, cause: FailureCause, now: number): RestartDecision {
  if (strategy.kind === 'none' || cause.domain === 'user') return { kind: 'giveUp' };
  if (cause.domain === 'program') {
    if (history.failures > 0 && history.cause !== undefined && sameFault(history.cause, cause)) return { kind: 'giveUp' };
    return { kind: 'restart', delayMs: 0, failures: history.failures + 1 };
  }
  if (strategy.kind === 'fixed-delay') {
    if (history.failures >= strategy.attempts) return { kind: 'giveUp' };
    return { kind: 'restart', delayMs: strategy.delayMs, failures: history.failures + 1 };
  }
  const calm = history.failures > 0 && now - history.failedAt >= strategy.resetThresholdMs;
  const before = calm ? 0 : history.failures;
  if (before >= strategy.attemptsMax) return { kind: 'giveUp' };
  const delayMs = Math.min(strategy.maxBackoffMs, strategy.initialBackoffMs * strategy.multiplier ** before);
  return { kind: 'restart', delayMs: Math.round(delayMs), failures: before + 1 };
}
