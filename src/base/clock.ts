/** Where time comes from. Nothing else in Weir reads a clock or sets a timer, so that a run can happen in virtual time. */
export interface Clock {
  /** Milliseconds since the Unix epoch, a whole number. May jump; nothing correct depends on it. */
  now(): number;
  /** Resolves after `ms` milliseconds, at once if `ms` is not positive; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
