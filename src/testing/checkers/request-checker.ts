import { checksumOf } from '../../base/bytes.ts';
import type { RecordKey, StoredRecord } from '../../cloud/index.ts';
import { isTerminal, type JobRecord } from '../../protocol/job-record.ts';
import { recordKeys } from '../../protocol/names.ts';
import type { OperationRecord } from '../../protocol/operation.ts';
import type { Answer } from '../../protocol/request.ts';
import type { SnapshotRecord } from '../../protocol/snapshot-record.ts';
import type { SimulatedObjects } from '../simulated-object-store.ts';
import type { RecordObserver, SimulatedRecords } from '../simulated-record-store.ts';
import type { Violations } from './violations.ts';

export interface RequestCheckerOptions {
  readonly violations: Violations;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  readonly jobId: string;
}

interface Change {
  readonly key: RecordKey;
  readonly before: StoredRecord | undefined;
  readonly after: StoredRecord | undefined;
}

/**
 * Looks at every revision of the job record and of its operations: 7 (canceled with a savepoint, or stopped, if and only if
 * the savepoint is there, in one revision), 10 (a request is durable before it counts, is answered once, and its result
 * stays and is true).
 */
export class RequestChecker implements RecordObserver {
  /** A request has ended the job. */
  stopped = false;
  readonly #options: RequestCheckerOptions;
  readonly #answers = new Map<string, Answer>();
  readonly #checkpoints = new Set<number>();

  constructor(options: RequestCheckerOptions) {
    this.#options = options;
  }

  onRecord({ key, before, after }: Change): void {
    const { jobId } = this.#options;
    const job = recordKeys.job(jobId);
    if (key.partition === job.partition && key.sort === job.sort) {
      if (after !== undefined) this.#checkJob(before?.fields as unknown as JobRecord | undefined, after.fields as unknown as JobRecord);
    } else if (key.partition === recordKeys.operationsPartition(jobId)) {
      this.#checkOperation(
        before?.fields as unknown as OperationRecord | undefined,
        after?.fields as unknown as OperationRecord | undefined,
      );
    }
  }

  /** Once the job has ended and its effects are clear: whoever asked has his answer. */
  checkEnd(): void {
    for (const [id, { outcome }] of this.#answers) {
      const operation = this.#operation(id);
      const done = operation !== undefined && operation.state.kind !== 'pending';
      this.#options.violations.expect(
        done,
        10,
        () => `the request ${id} was answered with ${outcome.kind}, but its operation does not say so`,
      );
    }
  }

  #checkJob(before: JobRecord | undefined, now: JobRecord): void {
    const { violations } = this.#options;
    this.#checkpoints.add(now.latest.checkpoint);
    const committed = before !== undefined && now.latest.attempt !== before.latest.attempt;
    const fresh = (now.effects?.answers ?? []).filter(({ request }) => !this.#isKnown(request.id, before));
    for (const answer of fresh) this.#checkAnswer(answer, now, committed);
    for (const { id } of now.requests) {
      violations.expect(this.#operation(id) !== undefined, 10, () => `the request ${id} waits, but has no operation`);
      violations.expect(!this.#answers.has(id), 10, () => `the request ${id} waits again after it was answered`);
    }
    const kept = new Set([...now.requests.map(({ id }) => id), ...this.#answers.keys()]);
    for (const { id } of before?.requests ?? [])
      violations.expect(kept.has(id), 10, () => `the request ${id} left the queue without an answer`);
    if (before !== undefined && !isTerminal(before.status) && isTerminal(now.status)) this.#checkEnding(now, committed, fresh);
  }

  #isKnown(id: string, before: JobRecord | undefined): boolean {
    return before?.effects?.answers.some(({ request }) => request.id === id) ?? false;
  }

  #checkAnswer(answer: Answer, now: JobRecord, committed: boolean): void {
    const { violations, objects } = this.#options;
    const { request, outcome } = answer;
    violations.expect(!this.#answers.has(request.id), 10, () => `the request ${request.id} was answered twice`);
    this.#answers.set(request.id, answer);
    if (outcome.kind === 'failed') return;
    violations.expect(committed, 10, () => `the request ${request.id} succeeded without a commit`);
    if (outcome.kind !== 'savepoint') return;
    const bytes = objects.peek(outcome.metadata.uri);
    const whole = bytes !== undefined && checksumOf(bytes) === outcome.metadata.checksum;
    violations.expect(whole, 7, () => `the savepoint ${outcome.path} was committed, but its metadata is not there`);
    violations.expect(now.pinnedUpTo === now.latest.checkpoint, 6, () => `the savepoint ${outcome.path} pins nothing`);
  }

  #checkEnding({ status }: JobRecord, committed: boolean, fresh: readonly Answer[]): void {
    const { violations } = this.#options;
    const saved = fresh.filter(({ outcome }) => outcome.kind === 'savepoint').map(({ request }) => request.kind);
    this.stopped = saved.some((kind) => kind === 'stop' || kind === 'cancel');
    violations.expect(
      !saved.includes('cancel') || status === 'CANCELED',
      7,
      () => `the job is ${status}, but was cancelled with a savepoint`,
    );
    violations.expect(!saved.includes('stop') || status === 'FINISHED', 7, () => `the job is ${status}, but was stopped with a savepoint`);
    const canceled = status === 'CANCELED' && committed;
    violations.expect(
      !canceled || saved.includes('cancel'),
      7,
      () => 'a commit cancelled the job, but no savepoint of a cancellation exists',
    );
  }

  #checkOperation(before: OperationRecord | undefined, after: OperationRecord | undefined): void {
    const { violations } = this.#options;
    if (after === undefined) {
      violations.add(10, `the operation ${before?.id} was deleted`);
      return;
    }
    const changed = before?.state.kind === 'completed' && JSON.stringify(before.state) !== JSON.stringify(after.state);
    violations.expect(!changed, 10, () => `the operation ${after.id} was completed, and then changed`);
    if (after.state.kind !== 'completed' || after.asked.kind === 'dispose') return;
    const { result } = after.state;
    if (result.kind === 'checkpoint')
      violations.expect(this.#checkpoints.has(result.checkpoint), 10, () => `the operation ${after.id} names a checkpoint that never was`);
    const answered = this.#answers.get(after.id)?.outcome;
    violations.expect(
      result.kind === 'failed' || (answered !== undefined && answered.kind === result.kind),
      10,
      () => `the operation ${after.id} is completed as ${result.kind}, but its request was not answered so`,
    );
    if (result.kind === 'savepoint' && answered?.kind === 'savepoint' && answered.path === result.path) this.#checkKnown(result.path);
  }

  /** Who is told of a savepoint finds it. */
  #checkKnown(path: string): void {
    const snapshot = this.#options.records.peek(recordKeys.snapshot(path))?.fields as unknown as SnapshotRecord | undefined;
    this.#options.violations.expect(
      snapshot?.effectsDone === true,
      10,
      () =>
        `the savepoint ${path} was reported, but its record ${snapshot === undefined ? 'is missing' : 'says that its output is not published'}`,
    );
  }

  #operation(id: string): OperationRecord | undefined {
    return this.#options.records.peek(recordKeys.operation(this.#options.jobId, id))?.fields as unknown as OperationRecord | undefined;
  }
}
