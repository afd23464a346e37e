/** One savepoint by the clock, for whoever asks what became of it. Replaced only on condition of its revision. */
export interface ScheduledSavepoint {
  readonly deployment: string;
  /** When the schedule was to fire; milliseconds. */
  readonly scheduledAt: number;
  readonly firedAt: number;
  readonly state: 'pending' | 'taken' | 'skipped' | 'failed' | 'disposed';
  readonly words: string;
  /** The job it is of, and the operation that takes it. */
  readonly jobId?: string;
  readonly operationId?: string;
  readonly path?: string;
  readonly retention: SavepointRetention;
}

/** Which scheduled savepoints are kept; both left out: all. The latest that is there always is. */
export interface SavepointRetention {
  readonly keep?: number;
  readonly maxAgeMs?: number;
}
