/** Lets one in at a time; the others wait in a row, for a bounded time. */
export class Turns {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  get taken(): boolean {
    return this.#taken;
  }

  /** `refused`: the wait took longer than `waitMs`, which may be infinite. Rejects with the signal's reason when aborted while waiting. */
  take(waitMs: number, signal?: AbortSignal): Promise<'granted' | 'refused'> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve('granted');
    }
    if (waitMs <= 0) return Promise.resolve('refused');
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        const index = this.#waiting.indexOf(onGranted);
        if (index >= 0) this.#waiting.splice(index, 1);
      };
      const onGranted = () => {
        leave();
        resolve('granted');
      };
      const onAbort = () => {
        leave();
        reject(signal?.reason);
      };
      const onLate = () => {
        leave();
        resolve('refused');
      };
      const timer = waitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(onLate, waitMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(onGranted);
    });
  }

  /** Passes the turn on. */
  give(): void {
    const next = this.#waiting[0];
    if (next === undefined) this.#taken = false;
    else next();
  }
}
