export interface Interrupt {
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
  /** The exit code of a command that ended for it: as of a process that a signal has ended. */
  readonly code: number;
  release(): void;
}

const codes = { SIGINT: 130, SIGTERM: 143, SIGPIPE: 141 } as const;

/**
 * Waits for an interrupt, for a request to end, or until nobody reads standard output any more. A second interrupt ends the
 * process at once.
 */
export function untilInterrupted(): Interrupt {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  let code: number = codes.SIGINT;
  const interrupt = (by: keyof typeof codes) => {
    if (controller.signal.aborted) return;
    code = codes[by];
    controller.abort(new Error('interrupted'));
    resolve();
  };
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) process.exit(codes[signal]);
    interrupt(signal);
  };
  const onUnread = () => interrupt('SIGPIPE');
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stdout.on('error', onUnread);
  return {
    signal: controller.signal,
    ended: promise,
    get code() {
      return code;
    },
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.stdout.off('error', onUnread);
    },
  };
}
