/** How a job comes back after a failure; Flink's restart strategies, by Flink's names and defaults. */
export type RestartStrategy =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed-delay'; readonly attempts: number; readonly delayMs: number }
  | {
      readonly kind: 'exponential-delay';
      readonly initialBackoffMs: number;
      readonly maxBackoffMs: number;
      readonly multiplier: number;
      /** Running so long without a failure starts the back-off again. */
      readonly resetThresholdMs: number;
      /** Failures in a row after which the job is given up. */
      readonly attemptsMax: number;
    };
