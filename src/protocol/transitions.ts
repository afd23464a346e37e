/**
 * What may happen to a job record, and to nothing else: pure functions from the record as it was read to the record to
 * put in its place, on condition that nobody was faster. Whoever calls them does the reading and the writing.
 *
 * 1. Generation, attempt number, stamp and latest checkpoint never go down.
 * 2. Only the driver of the record's generation changes it, apart from requests, wake-ups and the hand-over itself.
 * 3. A call that finds its own change done already gets the answer it would have got: replies may be lost.
 * 4. `latest` changes in `completeCheckpoint` (commit.ts) alone. That put is the commit.
 * 5. Every request that was added is answered once: by a commit, by the failure to write its savepoint, or by the job's end.
 *
 * Beside this file stand the commit (commit.ts) and what is asked from outside: add-request.ts, and cancelling in end-job.ts.
 */
import { limits } from '../base/limits.ts';
import { requestsOfEpoch } from './add-request.ts';
import type { BatchBound } from './command.ts';
import { endJob } from './end-job.ts';
import type { FailureCause } from './failure.ts';
import type { RestartStrategy } from './job-description.ts';
import { type EffectsMark, isTerminal, type JobRecord, type PendingCheckpoint } from './job-record.ts';
import { decideRestart } from './restart.ts';

export interface BeginInput {
  readonly generation: number;
  readonly injectedBy: string;
  readonly now: number;
  readonly checkpointIntervalMs: number;
  /** Source vertices whose enumerators run, if this begins now. */
  readonly enumerated: readonly string[];
}

export type BeginOutcome =
  | { readonly kind: 'fenced' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'effects'; readonly mark: EffectsMark }
  /** Nothing to do before then. */
  | { readonly kind: 'wait'; readonly until: number }
  /** The same call was made before: its reply was lost. */
  | { readonly kind: 'again'; readonly pending: PendingCheckpoint }
  | { readonly kind: 'begin'; readonly record: JobRecord; readonly pending: PendingCheckpoint };

export function beginCheckpoint(record: JobRecord, input: BeginInput): BeginOutcome {
  if (record.generation !== input.generation) return { kind: 'fenced' };
  if (record.effects !== undefined) return { kind: 'effects', mark: record.effects };
  if (isTerminal(record.status)) return { kind: 'ended' };
  if (record.pending?.injectedBy === input.injectedBy) return { kind: 'again', pending: record.pending };
  const until = dueAt(record, input.checkpointIntervalMs);
  if (until > input.now) return { kind: 'wait', until };
  const stamp = Math.max(input.now, record.stamp + 1);
  const attempt = record.attempt + 1;
  const { requests, drain } = requestsOfEpoch(record);
  const pending: PendingCheckpoint = {
    checkpoint: record.latest.checkpoint + 1,
    attempt,
    injectedBy: input.injectedBy,
    injectedAt: stamp,
    requests: requests.map((request) => request.id),
    ...(drain ? { drain } : {}),
    // Nothing new is read any more.
    enumerated: drain ? [] : input.enumerated,
    storeHandover: record.storeHandover,
  };
  const { wakeToken: _token, ...rest } = record;
  return {
    kind: 'begin',
    pending,
    record: { ...rest, status: 'RUNNING', statusAt: record.status === 'RUNNING' ? record.statusAt : input.now, attempt, stamp, pending },
  };
}

/** When the next epoch begins: at once while there is a backlog, a request or a failed attempt to make up for. */
export function dueAt(record: JobRecord, checkpointIntervalMs: number): number {
  if (record.failures > 0) return record.restartAt;
  if (record.latest.checkpoint === 0 || record.backlog || record.requests.length > 0) return 0;
  // What the job was restored from is rewritten bit by bit, whether or not anything comes in: somebody may wait to delete it.
  if (record.foreign === true) return record.latestStamp + checkpointIntervalMs;
  const something = Math.min(record.nextDueAt ?? Number.POSITIVE_INFINITY, record.enumeratorsDueAt ?? Number.POSITIVE_INFINITY);
  return Math.min(Math.max(something, record.latestStamp + checkpointIntervalMs), record.latestStamp + limits.idleMsMax);
}

/** Why an attempt did not come to its commit. Only a failure counts; the other two are the price of lost memory. */
export type AbortReason =
  | { readonly kind: 'failed'; readonly failure: FailureCause }
  | { readonly kind: 'notReady' }
  | { readonly kind: 'handoverLost' };

export interface AbortInput {
  readonly generation: number;
  /** Missing: whatever this generation has pending; the caller does not know how far it came. */
  readonly attempt?: number;
  readonly reason: AbortReason;
  readonly strategy: RestartStrategy;
  readonly now: number;
}

export type AbortOutcome =
  | { readonly kind: 'fenced' }
  /** The attempt is committed after all. */
  | { readonly kind: 'committed' }
  | { readonly kind: 'ended' }
  /** It was aborted before: the next attempt may begin then. */
  | { readonly kind: 'aborted'; readonly restartAt: number }
  | { readonly kind: 'abort'; readonly record: JobRecord };

export function abortCheckpoint(record: JobRecord, input: AbortInput): AbortOutcome {
  if (input.attempt !== undefined && record.latest.attempt === input.attempt) return { kind: 'committed' };
  if (record.generation !== input.generation) return { kind: 'fenced' };
  if (isTerminal(record.status)) return { kind: 'ended' };
  const known = record.pending !== undefined && (input.attempt === undefined || record.pending.attempt === input.attempt);
  if (input.attempt !== undefined && !known) return { kind: 'aborted', restartAt: record.restartAt };
  const { pending: _pending, ...rest } = record;
  const totals = { ...record.totals, checkpointsFailed: record.totals.checkpointsFailed + (known ? 1 : 0) };
  if (input.reason.kind !== 'failed') {
    if (record.attempt - record.latest.attempt > limits.attemptsWithoutProgressMax)
      return { kind: 'abort', record: failJob(record, noProgress(record), input.now) };
    return { kind: 'abort', record: { ...rest, totals, storeHandover: record.storeHandover || input.reason.kind === 'handoverLost' } };
  }
  const cause = input.reason.failure;
  const decision = decideRestart(input.strategy, record, cause, input.now);
  if (decision.kind === 'giveUp') return { kind: 'abort', record: failJob({ ...rest, totals }, cause, input.now) };
  return {
    kind: 'abort',
    record: {
      ...rest,
      status: 'RESTARTING',
      statusAt: input.now,
      failures: decision.failures,
      failedAt: input.now,
      cause,
      restartAt: decision.delayMs === 0 ? 0 : input.now + decision.delayMs,
      batch: cause.domain === 'resources' ? halved(record.batch) : record.batch,
      totals: { ...totals, restarts: totals.restarts + 1 },
    },
  };
}

const halved = (batch: BatchBound): BatchBound => ({
  records: Math.max(limits.batchRecordsMin, batch.records >> 1),
  bytes: Math.max(limits.batchBytesMin, batch.bytes >> 1),
});

function failJob(record: JobRecord, cause: FailureCause, now: number): JobRecord {
  return endJob({ ...record, cause, failures: record.failures + 1, failedAt: now }, { status: 'FAILED', now });
}

function noProgress(record: JobRecord): FailureCause {
  return {
    code: 'NO_PROGRESS',
    domain: 'resources',
    message: `No checkpoint after ${record.latest.checkpoint} was completed in ${record.attempt - record.latest.attempt} attempts and ${record.fruitlessGenerations} generations; the last cause: ${record.cause?.message ?? 'slots that lost their state again and again'}.`,
    advice: 'Look at the logs of the slot functions; give them more memory or the job more slots.',
  };
}

export type ParkOutcome =
  | { readonly kind: 'fenced' }
  /** There is something to do: do not sleep. */
  | { readonly kind: 'awake' }
  | { readonly kind: 'park'; readonly record: JobRecord };

/** Stores the token the driver is going to sleep on, on condition that nobody asked for anything meanwhile. */
export function park(
  record: JobRecord,
  input: { readonly generation: number; readonly token: string; readonly now: number; readonly checkpointIntervalMs: number },
): ParkOutcome {
  if (record.generation !== input.generation) return { kind: 'fenced' };
  if (isTerminal(record.status) || record.effects !== undefined || dueAt(record, input.checkpointIntervalMs) <= input.now)
    return { kind: 'awake' };
  return { kind: 'park', record: { ...record, wakeToken: input.token } };
}

export type HandOverOutcome =
  | { readonly kind: 'handOver'; readonly record: JobRecord }
  /** Too many generations came to nothing: the job is failed, and the next one carries out what is left of it. */
  | { readonly kind: 'giveUp'; readonly record: JobRecord };

/** Makes the next generation the driver. `lost`: the one before ended without handing over. */
export function handOver(record: JobRecord, input: { readonly now: number; readonly lost: boolean }): HandOverOutcome {
  // One that slept had nothing to do; any other came to nothing, even if it was lost before it began an attempt. A commit
  // counts from zero again.
  const fruitless = input.lost && record.wakeToken === undefined ? record.fruitlessGenerations + 1 : record.fruitlessGenerations;
  if (fruitless > limits.fruitlessGenerationsMax && !isTerminal(record.status)) {
    const { wakeToken: _woken, ...failed } = failJob(record, record.cause ?? noProgress(record), input.now);
    return { kind: 'giveUp', record: { ...failed, generation: record.generation + 1, fruitlessGenerations: fruitless } };
  }
  const { wakeToken: _token, ...rest } = record;
  return { kind: 'handOver', record: { ...rest, generation: record.generation + 1, fruitlessGenerations: fruitless } };
}
