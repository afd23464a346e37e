import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { failedState } from '../checkpoint/answer-requests.ts';
import { ensureDriver, startDriver, wakeDriver } from '../checkpoint/driver.ts';
import { JobStore } from '../checkpoint/job-store.ts';
import { OperationStore } from '../checkpoint/operation-store.ts';
import type { Cloud } from '../cloud/index.ts';
import { isHexId } from '../graph/ids.ts';
import { addRequest } from '../protocol/add-request.ts';
import { type CancelOutcome, cancelJob, cancelUnlessCheckpointed } from '../protocol/end-job.ts';
import { type FailureCause, failureFrom } from '../protocol/failure.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { isAlive, isTerminal, type JobRecord } from '../protocol/job-record.ts';
import type { OperationRecord } from '../protocol/operation.ts';
import type { JobRequest, SnapshotFormat } from '../protocol/request.ts';
import { withdrawRequest } from '../protocol/withdraw-request.ts';
import { jobRecordOf } from '../savepoint/job-of-snapshot.ts';
import { driveCopy } from './drive-copy.ts';
import { savepointDirectory } from './savepoint-directory.ts';

export interface RequestServiceOptions {
  /** The deployment's `state.savepoints.dir`. */
  readonly savepointDirectory?: string;
  /** Whoever asks sees the same disk as the functions: absolute paths are directories too. Default false. */
  readonly local?: boolean;
}

export interface TriggerRequest {
  readonly jobId: string;
  /** `cancel` and `stop` end the job with the savepoint: CANCELED and FINISHED. `checkpoint`: one now, in the job's own directory. */
  readonly kind: JobRequest['kind'];
  readonly directory?: string;
  /** Default native. */
  readonly format?: SnapshotFormat;
  /** Of `stop`: the final watermark first. */
  readonly drain?: boolean;
  /** 32 hex digits; asking again under the same id changes nothing. */
  readonly id?: string;
}

export type CancelReply = 'accepted' | 'alreadyCanceled' | 'ended';

export interface CancelOptions {
  /** The latest checkpoint stays, whatever the job's retention policy says. */
  readonly retain?: boolean;
}

const pollMsMin = 50;
const pollMsMax = 2_000;

/** What is asked of running jobs from outside: savepoints, stopping, cancelling; and what came of it. */
export class RequestService {
  readonly #cloud: Cloud;
  readonly #jobs: JobStore;
  readonly #operations: OperationStore;
  readonly #options: RequestServiceOptions;

  constructor(cloud: Cloud, options: RequestServiceOptions = {}) {
    this.#cloud = cloud;
    this.#jobs = new JobStore(cloud);
    this.#operations = new OperationStore(cloud);
    this.#options = options;
  }

  /**
   * Asks for something that a barrier answers. When this returns, it is durable, and `operation` tells its result, also
   * that the job is unknown or has ended. Throws before anything is touched if there is no directory
   * (SAVEPOINT_DIRECTORY_MISSING, SAVEPOINT_DIRECTORY_INVALID) or the id is none (INVALID_OPERATION_ID).
   */
  async trigger(request: TriggerRequest): Promise<{ readonly id: string }> {
    const { jobId, id = this.#cloud.random.hex(16) } = request;
    if (!isHexId(id)) throw invalidId(id);
    const description = await this.#description(jobId);
    const asked = this.#asked(request, id, description);
    const createdAt = this.#cloud.clock.now();
    const operation = await this.#operations.create({ id, jobId, asked, createdAt, state: { kind: 'pending' } });
    await this.#enqueue(operation);
    return { id };
  }

  /** Ends a job at once, without a savepoint. Throws JOB_NOT_FOUND. */
  async cancel(jobId: string, options: CancelOptions = {}): Promise<CancelReply> {
    const now = this.#cloud.clock.now();
    return (await this.#cancel(jobId, (record) => cancelJob(record, now, options))) as CancelReply;
  }

  /** Ends a job on condition that no checkpoint of it has completed: see cancelUnlessCheckpointed. Throws JOB_NOT_FOUND. */
  async cancelUnlessCheckpointed(jobId: string): Promise<CancelReply | 'checkpointed'> {
    const now = this.#cloud.clock.now();
    return await this.#cancel(jobId, (record) => cancelUnlessCheckpointed(record, now));
  }

  /**
   * Takes a request back that is not answered: it fails, and the job goes on. `decided`: it was too late, and `operation`
   * tells what came of it. Throws JOB_NOT_FOUND.
   */
  async withdraw(jobId: string, id: string): Promise<'withdrawn' | 'decided'> {
    const { reply, record } = await this.#jobs.update<{ readonly reply: 'withdrawn' | 'decided'; readonly record: JobRecord }>(
      jobId,
      (before) => {
        const outcome = withdrawRequest(before, id);
        if (outcome.kind !== 'withdraw') return { answer: { reply: outcome.kind, record: before } };
        return { answer: { reply: 'withdrawn', record: outcome.record }, put: outcome.record };
      },
    );
    if (record.effects !== undefined) await this.#attempt(() => wakeDriver(this.#cloud, record));
    return reply;
  }

  async #cancel(
    jobId: string,
    decide: (record: JobRecord) => CancelOutcome | { readonly kind: 'checkpointed' },
  ): Promise<CancelReply | 'checkpointed'> {
    const { reply, record } = await this.#jobs.update<{
      readonly reply: CancelReply | 'checkpointed';
      readonly record: JobRecord;
    }>(jobId, (before) => {
      const outcome = decide(before);
      if (outcome.kind !== 'cancel') return { answer: { reply: outcome.kind, record: before } };
      return { answer: { reply: 'accepted', record: outcome.record }, put: outcome.record };
    });
    // What is left of the job is carried out at once: by the sleeping driver, or by a new one that waits for no slot.
    if (reply === 'accepted') await this.#attempt(() => this.#driveEffects(record));
    else if (isTerminal(record.status) && record.effects !== undefined)
      await this.#attempt(() => ensureDriver(this.#cloud, this.#jobs, jobId));
    return reply;
  }

  /**
   * What became of a request; `pending` and `copying` while it goes on. A request that never reached its job, or whose job
   * sleeps on, is helped along. Throws OPERATION_NOT_FOUND.
   */
  async operation(jobId: string, id: string): Promise<OperationRecord> {
    const known = await this.#operations.read(jobId, id);
    if (known === undefined) throw operationNotFound(jobId, id);
    const operation = known.state.kind === 'pending' ? await this.#enqueue(known) : await driveCopy(this.#cloud, known);
    if (operation.state.kind !== 'shared') return operation;
    const { state } = await this.operation(jobId, operation.state.with);
    return { ...operation, state };
  }

  /**
   * As `operation`; but one that ends its job is pending until the job has ended with everything that its end brings: whoever
   * is told that it is completed may begin the next job in its place.
   */
  async settled(jobId: string, id: string): Promise<OperationRecord> {
    const operation = await this.operation(jobId, id);
    const { asked, state } = operation;
    if (state.kind !== 'completed' || (asked.kind !== 'stop' && asked.kind !== 'cancel')) return operation;
    const record = await jobRecordOf(this.#cloud, jobId);
    const isEnding = record !== undefined && isTerminal(record.status) && isAlive(record);
    return isEnding ? { ...operation, state: { kind: 'pending' } } : operation;
  }

  /** All that was ever asked of a job, as it stands. A request that never reached its job is helped along, as by `operation`. */
  async operations(jobId: string): Promise<readonly OperationRecord[]> {
    const listed: OperationRecord[] = [];
    for (const operation of await this.#operations.list(jobId)) listed.push(await this.#enqueue(operation));
    return listed;
  }

  /** As `operation`, once it is completed; or as it stands after so many milliseconds. */
  async waitFor(jobId: string, id: string, timeoutMs: number): Promise<OperationRecord> {
    const { clock } = this.#cloud;
    const until = clock.now() + timeoutMs;
    for (let pauseMs = pollMsMin; ; pauseMs = Math.min(pollMsMax, pauseMs * 2)) {
      const operation = await this.operation(jobId, id);
      const left = until - clock.now();
      if (operation.state.kind === 'completed' || left <= 0) return operation;
      await clock.sleep(Math.min(pauseMs, left));
    }
  }

  /** Of an unknown job nothing: its operation says so. */
  async #description(jobId: string): Promise<JobDescription | undefined> {
    try {
      return await this.#jobs.description(jobId);
    } catch (error) {
      if (WeirError.is(error) && error.code === 'JOB_NOT_FOUND') return undefined;
      throw error;
    }
  }

  #asked(request: TriggerRequest, id: string, description: JobDescription | undefined): JobRequest {
    const { kind, format = 'native' } = request;
    if (kind === 'checkpoint') return { id, kind };
    const { savepointDirectory: ofDeployment, local = false } = this.#options;
    const ofJob = description?.savepointDirectory;
    const directory = savepointDirectory({ requested: request.directory, ofJob, ofDeployment, local });
    return { id, kind, directory, format, ...(kind === 'stop' && request.drain === true ? { drain: true } : {}) };
  }

  /**
   * Puts the request of a pending operation into the job record, on condition that the record is as it was read before the
   * operation was found pending: a request that was answered meanwhile is never asked again. Known there, it is only waked.
   * One that is too old to be put there fails instead, and the record is written all the same: whoever was about to put it
   * there reads again, and finds it too old as well.
   */
  async #enqueue(operation: OperationRecord): Promise<OperationRecord> {
    const { asked, jobId, id } = operation;
    if (asked.kind === 'dispose' || jobId === undefined || operation.state.kind !== 'pending') return operation;
    try {
      const next = await this.#jobs.update<Enqueued>(jobId, async (record) => {
        const now = (await this.#operations.read(jobId, id)) ?? operation;
        if (now.state.kind !== 'pending') return { answer: { kind: 'decided', operation: now } };
        const outcome = addRequest(record, asked);
        switch (outcome.kind) {
          case 'added':
            if (this.#isLost(now)) return { answer: { kind: 'refused', failure: requestLost(now) }, put: record };
            return { answer: { kind: 'waiting', record }, put: outcome.record };
          case 'known':
            return { answer: { kind: 'waiting', record } };
          case 'shared':
          case 'refused':
            return { answer: outcome };
        }
      });
      return await this.#follow(operation, next);
    } catch (error) {
      if (!WeirError.is(error) || error.code !== 'JOB_NOT_FOUND') throw error;
      return await this.#fail(operation, failureFrom(error));
    }
  }

  async #follow(operation: OperationRecord, next: Enqueued): Promise<OperationRecord> {
    switch (next.kind) {
      case 'decided':
        return next.operation;
      case 'waiting':
        await this.#attempt(() => wakeDriver(this.#cloud, next.record));
        return operation;
      case 'shared':
        return await this.#operations.advance(operation, ['pending'], { kind: 'shared', with: next.with });
      case 'refused':
        return await this.#fail(operation, next.failure);
    }
  }

  #isLost({ createdAt }: OperationRecord): boolean {
    return this.#cloud.clock.now() - createdAt > limits.requestArrivalMsMax;
  }

  #fail(operation: OperationRecord, failure: FailureCause): Promise<OperationRecord> {
    return this.#operations.advance(operation, ['pending'], failedState(failure, this.#cloud.clock.now()));
  }

  async #driveEffects(record: JobRecord): Promise<void> {
    if (record.wakeToken !== undefined && (await wakeDriver(this.#cloud, record)) === 'sent') return;
    await startDriver(this.#cloud, this.#jobs, record.jobId, { generation: record.generation, lost: false });
  }

  /** What is durable already needs no answer of the driver: if it can't be waked now, a poll or the sweep does. */
  async #attempt(call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!WeirError.is(error) || error.domain === 'internal') throw error;
    }
  }
}

type Enqueued =
  | { readonly kind: 'decided'; readonly operation: OperationRecord }
  | { readonly kind: 'waiting'; readonly record: JobRecord }
  | { readonly kind: 'shared'; readonly with: string }
  | { readonly kind: 'refused'; readonly failure: FailureCause };

function requestLost({ id, jobId, asked }: OperationRecord): FailureCause {
  return {
    code: 'REQUEST_LOST',
    domain: 'external',
    message: `Request ${id} (${asked.kind}) did not reach job ${jobId} within ${limits.requestArrivalMsMax / 60_000} minutes: whoever took it was lost before he could pass it on.`,
    advice: 'Nothing of it was done; ask again.',
  };
}

function invalidId(id: string): WeirError {
  return new WeirError({
    code: 'INVALID_OPERATION_ID',
    domain: 'user',
    message: `A trigger id is 32 hex digits, but this is "${id}".`,
  });
}

function operationNotFound(jobId: string, id: string): WeirError {
  return new WeirError({
    code: 'OPERATION_NOT_FOUND',
    domain: 'user',
    message: `Job ${jobId} has no operation ${id}.`,
    advice: 'Give the id that the request was answered with.',
    subject: { jobId },
  });
}
