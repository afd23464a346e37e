import { assert } from '../base/assert.ts';
import { endsJob } from './add-request.ts';
import type { BatchBound, CheckpointRef } from './command.ts';
import { addToMark } from './effects-mark.ts';
import { endJob } from './end-job.ts';
import type { FailureCause } from './failure.ts';
import { type CheckpointStatistics, isTerminal, type JobRecord } from './job-record.ts';
import type { Answer, JobRequest, MetadataRef, RequestOutcome } from './request.ts';

export interface CompleteInput {
  readonly generation: number;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly manifest: NonNullable<CheckpointRef['manifest']>;
  readonly statistics: CheckpointStatistics;
  /** Accumulators changed: what they have come to is stored under the attempt's name. */
  readonly accumulated: boolean;
  /** The manifest lists something to commit outside. */
  readonly publish: boolean;
  /** Every subtask has met the end of its input. */
  readonly ended: boolean;
  /** The manifest refers to segments of what the job was restored from, which are not its own. */
  readonly foreign: boolean;
  /** The savepoints that were written for requests of this attempt, by the request's id. */
  readonly savepoints: ReadonlyMap<string, { readonly path: string; readonly metadata: MetadataRef }>;
  /** Completed checkpoints that are kept, the latest included: the job's retention policy. */
  readonly kept: number;
  readonly batch: BatchBound;
  readonly backlog: boolean;
  readonly nextDueAt: number | undefined;
  readonly enumeratorsDueAt: number | undefined;
  readonly emptyEpochs: number;
}

export type CompleteOutcome =
  | { readonly kind: 'fenced' }
  /** It is the latest checkpoint already. */
  | { readonly kind: 'committed' }
  /** The job was cancelled, or a savepoint could not be written: the attempt comes to nothing for good, and nobody failed. */
  | { readonly kind: 'takenBack' }
  | { readonly kind: 'commit'; readonly record: JobRecord };

/** Whether (checkpoint, attempt) can still be completed by this generation; what the full answer is made of comes later. */
export function standing(
  record: JobRecord,
  of: { readonly generation: number; readonly checkpoint: number; readonly attempt: number },
): 'pending' | 'committed' | 'takenBack' | 'fenced' {
  if (record.latest.checkpoint === of.checkpoint && record.latest.attempt === of.attempt) return 'committed';
  if (record.generation !== of.generation) return 'fenced';
  if (record.effects?.takenBack === of.attempt) return 'takenBack';
  // A later commit tells nothing of this attempt: it may have been committed before.
  if (isTerminal(record.status)) return record.latest.attempt < of.attempt ? 'takenBack' : 'fenced';
  return record.pending?.checkpoint === of.checkpoint && record.pending.attempt === of.attempt ? 'pending' : 'fenced';
}

/** Whether the attempt was not committed and never will be. After a later commit nobody can tell. */
export const comesToNothing = (record: JobRecord, attempt: number): boolean =>
  record.latest.attempt < attempt && record.pending?.attempt !== attempt;

/**
 * THE COMMIT. It answers the requests of the attempt whose savepoints were written; one that ends the job ends it here, and
 * so does the end of all input. A request that wants a savepoint stays in the queue while the manifest is `foreign`.
 */
export function completeCheckpoint(record: JobRecord, input: CompleteInput): CompleteOutcome {
  const now = standing(record, input);
  if (now !== 'pending') return { kind: now };
  assert(record.effects === undefined, 'effects are clear before the next commit');
  assert(input.checkpoint === record.latest.checkpoint + 1, 'checkpoints are completed in order');
  const answers = answersOf(record, input);
  const committed = committedRecord(record, input, answers);
  const releaseClaim = record.claims === true && !input.foreign;
  const left = { publish: input.publish, answers, ...(releaseClaim ? { releaseClaim } : {}) };
  const ending = answers.find(({ request }) => endsJob(request))?.request;
  const at = input.statistics.completedAt;
  if (ending !== undefined)
    return { kind: 'commit', record: endJob(committed, { status: ending.kind === 'cancel' ? 'CANCELED' : 'FINISHED', now: at }, left) };
  if (input.ended) return { kind: 'commit', record: endJob(committed, { status: 'FINISHED', now: at }, left) };
  const nothing = !input.publish && answers.length === 0 && !releaseClaim;
  return { kind: 'commit', record: nothing ? committed : addToMark(committed, left) };
}

/** What the commit says to the attempt's requests. Without a savepoint, one that wants it has no answer yet. */
function answersOf(record: JobRecord, input: CompleteInput): readonly Answer[] {
  const taken = new Set(record.pending?.requests);
  return record.requests.flatMap((request): readonly Answer[] => {
    if (!taken.has(request.id)) return [];
    const outcome = outcomeOf(request, input);
    return outcome === undefined ? [] : [{ request, outcome }];
  });
}

function outcomeOf(request: JobRequest, input: CompleteInput): RequestOutcome | undefined {
  if (request.kind === 'checkpoint') return { kind: 'checkpoint', checkpoint: input.checkpoint };
  const savepoint = input.savepoints.get(request.id);
  assert(savepoint === undefined || !input.foreign, 'no savepoint refers to segments that are not its own job’s');
  assert(savepoint !== undefined || input.foreign, 'a savepoint is written before the commit that answers its request');
  return savepoint === undefined ? undefined : { kind: 'savepoint', ...savepoint };
}

function committedRecord(record: JobRecord, input: CompleteInput, answers: readonly Answer[]): JobRecord {
  const { pending: _pending, effects: _effects, cause: _cause, nextDueAt: _due, enumeratorsDueAt: _enumerators, ...before } = record;
  const { foreign: _foreign, claims: _claims, ...rest } = before;
  const { statistics, foreign } = input;
  const { totals } = record;
  const answered = new Set(answers.map(({ request }) => request.id));
  const saved = answers.some(({ outcome }) => outcome.kind === 'savepoint');
  return {
    ...rest,
    status: 'RUNNING',
    latest: { checkpoint: input.checkpoint, attempt: input.attempt, manifest: input.manifest },
    latestStamp: record.stamp,
    statistics,
    totals: {
      ...totals,
      recordsIn: totals.recordsIn + statistics.recordsIn,
      recordsOut: totals.recordsOut + statistics.recordsOut,
      skipped: totals.skipped + statistics.skipped,
      checkpointsCompleted: totals.checkpointsCompleted + 1,
    },
    ...(input.accumulated ? { accumulators: { checkpoint: input.checkpoint, attempt: input.attempt } } : {}),
    retained: retainedBefore(record, input.kept),
    pinnedUpTo: saved ? input.checkpoint : record.pinnedUpTo,
    ...(foreign ? { foreign, ...(record.claims === true ? { claims: true } : {}) } : {}),
    batch: input.batch,
    backlog: input.backlog,
    ...(input.nextDueAt === undefined ? {} : { nextDueAt: input.nextDueAt }),
    ...(input.enumeratorsDueAt === undefined ? {} : { enumeratorsDueAt: input.enumeratorsDueAt }),
    emptyEpochs: input.emptyEpochs,
    failures: 0,
    restartAt: 0,
    storeHandover: false,
    fruitlessGenerations: 0,
    requests: record.requests.filter((request) => !answered.has(request.id)),
  };
}

/**
 * What a restore brought is no checkpoint of this job: it is not kept. Nor is one that still refers to what the job was
 * restored from: the claim on that is given back without regard to older checkpoints.
 */
function retainedBefore(record: JobRecord, kept: number): readonly CheckpointRef[] {
  const passes = record.latest.attempt === 0 || record.foreign === true;
  const before = passes ? record.retained : [...record.retained, record.latest];
  return before.slice(Math.max(0, before.length - (kept - 1)));
}

export interface TakeBackInput {
  readonly generation: number;
  readonly checkpoint: number;
  readonly attempt: number;
  /** Requests of the attempt whose savepoint can't be written, with the reason of each. */
  readonly failed: ReadonlyMap<string, FailureCause>;
}

/**
 * Takes an attempt back because a savepoint it was to answer with can't be written. Only that request fails: the job has
 * done nothing wrong, no failure is counted, and the next attempt may begin at once.
 */
export function takeBackCheckpoint(record: JobRecord, input: TakeBackInput): CompleteOutcome {
  const now = standing(record, input);
  if (now !== 'pending') return { kind: now };
  const { pending: _pending, ...rest } = record;
  const answers = record.requests.flatMap((request): readonly Answer[] => {
    const failure = input.failed.get(request.id);
    return failure === undefined ? [] : [{ request, outcome: { kind: 'failed', failure } }];
  });
  assert(answers.length > 0, 'an attempt is taken back for a request');
  const requests = record.requests.filter((request) => !input.failed.has(request.id));
  const totals = { ...record.totals, checkpointsFailed: record.totals.checkpointsFailed + 1 };
  return { kind: 'commit', record: addToMark({ ...rest, requests, totals }, { answers, takenBack: input.attempt }) };
}
