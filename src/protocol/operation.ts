import type { FailureCause } from './failure.ts';
import type { JobRequest } from './request.ts';

/**
 * One asynchronous request and its result, for whoever asks later: written before its id is given out, kept for ever.
 * Flink's (jobId, triggerId) is its key.
 */
export interface OperationRecord {
  /** 32 hex digits: Flink's trigger id. */
  readonly id: string;
  /** Missing for a disposal. */
  readonly jobId?: string;
  readonly asked: JobRequest | { readonly kind: 'dispose'; readonly path: string; readonly force: boolean };
  readonly createdAt: number;
  readonly state: OperationState;
}

export type OperationState =
  | { readonly kind: 'pending' }
  /** The same was asked for before: its operation has the result. */
  | { readonly kind: 'shared'; readonly with: string }
  /** The job's part is done; the canonical copy of the native savepoint `from` is on its way. */
  | { readonly kind: 'copying'; readonly from: string }
  | { readonly kind: 'completed'; readonly at: number; readonly result: OperationResult };

export type OperationResult =
  /** `note`: what did not go as asked, e.g. why this is the native savepoint and not its canonical copy. */
  | { readonly kind: 'savepoint'; readonly path: string; readonly note?: string }
  | { readonly kind: 'checkpoint'; readonly checkpoint: number }
  | { readonly kind: 'disposed'; readonly deleted: number; readonly kept: readonly { readonly what: string; readonly why: string }[] }
  | { readonly kind: 'failed'; readonly failure: FailureCause };
