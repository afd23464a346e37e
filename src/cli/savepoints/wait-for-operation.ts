import type { Clock } from '../../base/clock.ts';
import { WeirError } from '../../base/errors.ts';
import type { FailureCauseView } from '../../control-api/failure-view.ts';

export interface Polled<Result> {
  readonly status: { readonly id: 'IN_PROGRESS' | 'COMPLETED' };
  readonly operation: Result | null;
}

export interface WaitOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What to say the user can do when the time is up: the operation goes on. */
  readonly askLater: string;
  /** For people: what is waited for. */
  readonly what: string;
}

const firstPauseMs = 10;
const longestPauseMs = 2_000;

/**
 * Asks until the operation is completed, as Flink's client does: 10 ms after the first answer, then twice as long each
 * time, up to 2 s. Throws OPERATION_TIMED_OUT when the time is up, and what the operation failed with.
 */
export async function waitForOperation<Result extends object>(ask: () => Promise<Polled<Result>>, options: WaitOptions): Promise<Result> {
  const { clock } = options;
  const giveUpAt = clock.now() + options.timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const { status, operation } = await ask();
    if (status.id === 'COMPLETED' && operation !== null) {
      const failure = failureOf(operation);
      if (failure === undefined) return operation;
      const { code, message, advice } = failure.weir;
      throw new WeirError({ code, domain: 'user', message, ...(advice === undefined ? {} : { advice }) });
    }
    if (clock.now() >= giveUpAt) {
      throw new WeirError({
        code: 'OPERATION_TIMED_OUT',
        domain: 'external',
        message: `${options.what} is not completed after ${options.timeoutMs / 1000} s; it goes on.`,
        advice: options.askLater,
      });
    }
    await clock.sleep(Math.min(pauseMs, Math.max(0, giveUpAt - clock.now())));
  }
}

function failureOf(operation: object): FailureCauseView | undefined {
  const named = operation as { readonly 'failure-cause'?: FailureCauseView; readonly failureCause?: FailureCauseView };
  return named['failure-cause'] ?? named.failureCause;
}
