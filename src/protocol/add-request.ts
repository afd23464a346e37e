import { limits } from '../base/limits.ts';
import { jobEnded, withdrawnRequest } from './end-job.ts';
import type { FailureCause } from './failure.ts';
import { isTerminal, type JobRecord } from './job-record.ts';
import { asksTheSame, type JobRequest } from './request.ts';

export type AddRequestOutcome =
  | { readonly kind: 'added'; readonly record: JobRecord }
  /** The same was asked for and is not answered yet: that request's operation will have the result. */
  | { readonly kind: 'shared'; readonly with: string }
  /** This very request waits, or its answer is on its way. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly failure: FailureCause };

/** Puts a request into the queue of the job; a barrier answers it. */
export function addRequest(record: JobRecord, request: JobRequest): AddRequestOutcome {
  if (holdsRequest(record, request.id)) return { kind: 'known' };
  if (record.withdrawn?.includes(request.id) === true) return { kind: 'refused', failure: withdrawnRequest(record.jobId) };
  if (isTerminal(record.status)) return { kind: 'refused', failure: jobEnded(record) };
  const same = record.requests.find((each) => asksTheSame(each, request));
  if (same !== undefined) return { kind: 'shared', with: same.id };
  if (record.requests.length >= limits.pendingRequestsMax) return { kind: 'refused', failure: queueFull(record) };
  return { kind: 'added', record: { ...record, requests: [...record.requests, request] } };
}

/** Whether a request waits in the record, or its answer stands in the effects mark. */
export const holdsRequest = (record: JobRecord, id: string): boolean =>
  record.requests.some((each) => each.id === id) || (record.effects?.answers.some((answer) => answer.request.id === id) ?? false);

function queueFull(record: JobRecord): FailureCause {
  return {
    code: 'REQUESTS_FULL',
    domain: 'resources',
    message: `${record.requests.length} requests of job ${record.jobId} are waiting for a checkpoint; a job holds at most ${limits.pendingRequestsMax}.`,
    advice: 'Wait until some of them are answered, then ask again.',
  };
}

/** What the next epoch is for. */
export interface RequestsOfEpoch {
  readonly requests: readonly JobRequest[];
  readonly drain: boolean;
}

/**
 * The requests that the next barrier answers: those at the head of the queue that agree about draining and about how the
 * job ends. None while a drain would have to wait: a savepoint must not refer to segments that are not the job's own,
 * and a drain epoch can't be followed by another.
 */
export function requestsOfEpoch(record: JobRecord): RequestsOfEpoch {
  const drain = record.requests[0]?.drain === true;
  if (drain && record.foreign === true) return { requests: [], drain: false };
  const requests: JobRequest[] = [];
  let ending: JobRequest['kind'] | undefined;
  for (const request of record.requests) {
    if ((request.drain === true) !== drain) break;
    if (endsJob(request)) {
      if (ending !== undefined && ending !== request.kind) break;
      ending = request.kind;
    }
    requests.push(request);
  }
  return { requests, drain };
}

export const endsJob = (request: JobRequest): boolean => request.kind === 'cancel' || request.kind === 'stop';
