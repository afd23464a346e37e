import { addToMark } from './effects-mark.ts';
import type { FailureCause } from './failure.ts';
import { isTerminal, type JobRecord, type RecordedStatus } from './job-record.ts';
import type { Answer } from './request.ts';

/**
 * Ends a job: nothing is pending any more, all requests that still wait fail, and what becomes of its checkpoints is an
 * effect. `more` is what else the same decision leaves to be done.
 */
export function endJob(
  record: JobRecord,
  end: { readonly status: Extract<RecordedStatus, 'FINISHED' | 'CANCELED' | 'FAILED'>; readonly now: number },
  more: Parameters<typeof addToMark>[1] = {},
): JobRecord {
  const { pending: _pending, ...rest } = record;
  const ended: JobRecord = { ...rest, status: end.status, statusAt: end.now, requests: [] };
  const failure = jobEnded(ended);
  const unanswered = record.requests.map((request): Answer => ({ request, outcome: { kind: 'failed', failure } }));
  return addToMark(ended, { ...more, answers: [...(more.answers ?? []), ...unanswered], ended: true });
}

/** Why a request to a job that has ended fails. */
export function jobEnded(record: JobRecord): FailureCause {
  const why = record.status === 'FAILED' && record.cause !== undefined ? `: ${record.cause.message}` : '';
  return {
    code: 'JOB_ENDED',
    domain: 'user',
    message: `Job ${record.jobId} has ended (${record.status})${why.slice(0, 400)}${why === '' ? '.' : ''}`,
    advice: 'A job that has ended takes no savepoint; restore from one of its savepoints or retained checkpoints instead.',
  };
}

/** Why a request that was withdrawn failed. */
export const withdrawnRequest = (jobId: string): FailureCause => ({
  code: 'REQUEST_WITHDRAWN',
  domain: 'resources',
  message: `No checkpoint of job ${jobId} could be completed in time, so the savepoint was given up; the job goes on.`,
  advice: 'Look at why its checkpoints fail, then ask again.',
});

export type CancelOutcome =
  /** Already, or by this very call whose reply was lost. */
  | { readonly kind: 'alreadyCanceled' }
  /** It finished or failed before: nothing is left to cancel. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'cancel'; readonly record: JobRecord };

/**
 * Plain cancel: at once, without a savepoint. Whatever still runs for the job finds itself fenced. `retain`: its latest
 * checkpoint stays, whatever the retention policy says.
 */
export function cancelJob(record: JobRecord, now: number, { retain = false }: { readonly retain?: boolean } = {}): CancelOutcome {
  if (record.status === 'CANCELED') return { kind: 'alreadyCanceled' };
  if (isTerminal(record.status)) return { kind: 'ended' };
  const ended = endJob(record, { status: 'CANCELED', now });
  return { kind: 'cancel', record: retain ? { ...ended, retain } : ended };
}

/** Whether a checkpoint of the job itself is complete: what it was restored from is none. */
export const hasCheckpointed = (record: JobRecord): boolean => record.latest.attempt > 0;

/**
 * Cancels a job on condition that no checkpoint of it has completed. Nothing that it did counts then: what it began from is
 * still all there is, and another may begin from the same with exact output.
 */
export function cancelUnlessCheckpointed(record: JobRecord, now: number): CancelOutcome | { readonly kind: 'checkpointed' } {
  return hasCheckpointed(record) ? { kind: 'checkpointed' } : cancelJob(record, now);
}
