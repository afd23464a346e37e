/** What becomes of a job's checkpoints; Flink's num-retained and externalized-checkpoint-retention. */
export interface RetentionPolicy {
  /** Completed checkpoints kept while the job runs; at least 1, which is the default. */
  readonly kept: number;
  /** Default `retain`, also when a savepoint was taken with the cancellation. */
  readonly onCancel: 'retain' | 'delete';
  /** Default `retain`. */
  readonly onFailure: 'retain' | 'delete';
  /** At the end of all input, or stopped. Default `delete`. */
  readonly onFinish: 'retain' | 'delete';
}
