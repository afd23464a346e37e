import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { type Cloud, fieldsOf, type RecordFields, type StoredRecord } from '../cloud/index.ts';
import { RequestService, type RequestServiceOptions } from '../job/request-service.ts';
import type { DeploymentRecord } from '../protocol/deployment-record.ts';
import { isAlive, isTerminal } from '../protocol/job-record.ts';
import { derivedId, recordKeys } from '../protocol/names.ts';
import type { OperationRecord } from '../protocol/operation.ts';
import type { SavepointRetention, ScheduledSavepoint } from '../protocol/scheduled-savepoint.ts';
import { disposeSnapshot } from '../savepoint/dispose-snapshot.ts';
import { jobRecordOf } from '../savepoint/job-of-snapshot.ts';
import { mayPass } from '../savepoint/may-pass.ts';
import { readSnapshot } from '../savepoint/snapshot-store.ts';
import { DeploymentStore } from './deployment-store.ts';
import { disposable, type TakenSavepoint } from './savepoint-retention.ts';

export type FiredSavepoint = Pick<ScheduledSavepoint, 'state' | 'words' | 'jobId' | 'path'>;

export interface ScheduledSavepointsOptions extends RequestServiceOptions {
  /** How long `fire` waits for a savepoint before it leaves the rest to the sweep; default `limits.scheduledSavepointMsMax`. */
  readonly waitMs?: number;
}

type NewEntry = Omit<ScheduledSavepoint, 'deployment' | 'scheduledAt' | 'firedAt' | 'retention'>;

/**
 * Savepoints by the clock. One firing has one savepoint, however often and late it is delivered: its names are derived from
 * deployment and scheduled time, and what became of it is written down once.
 */
export class ScheduledSavepoints {
  readonly #cloud: Cloud;
  readonly #store: DeploymentStore;
  readonly #requests: RequestService;
  readonly #waitMs: number;

  constructor(cloud: Cloud, { waitMs = limits.scheduledSavepointMsMax, ...options }: ScheduledSavepointsOptions = {}) {
    this.#cloud = cloud;
    this.#store = new DeploymentStore(cloud);
    this.#requests = new RequestService(cloud, options);
    this.#waitMs = waitMs;
  }

  /**
   * Takes the savepoint that is due at `scheduledAt` (milliseconds) of the job that the deployment runs, and disposes of old
   * ones. Skipped, and written down as that, when no job runs, while a savepoint is in flight or an operation moves the job,
   * and when it comes after a later one. Throws what may pass: to be fired again.
   */
  async fire(deployment: string, scheduledAt: number, retention: SavepointRetention = {}): Promise<ScheduledSavepoint> {
    const key = recordKeys.scheduledSavepoint(deployment, scheduledAt);
    const known = entryOf(await this.#cloud.records.get(key));
    const entry = known ?? (await this.#write(await this.#decide(deployment, scheduledAt, retention)));
    const done = entry.state === 'pending' ? await this.#carryOn(entry, this.#waitMs) : entry;
    if (done.state === 'taken') await this.#retain(deployment, retention);
    return done;
  }

  /** What became of each, in the order of their times; those that were skipped or disposed of go after a while. */
  async list(deployment: string): Promise<readonly ScheduledSavepoint[]> {
    return (await fieldsOf(
      this.#cloud.records,
      recordKeys.scheduledSavepointsPartition(deployment),
    )) as unknown as readonly ScheduledSavepoint[];
  }

  /** Carries on what was fired and has no result yet. */
  async sweep(): Promise<void> {
    for (const { deployment, scheduledAt } of await fieldsOf(this.#cloud.records, recordKeys.liveScheduledPartition)) {
      const [name, at] = [String(deployment), Number(scheduledAt)];
      const entry = entryOf(await this.#cloud.records.get(recordKeys.scheduledSavepoint(name, at)));
      // Without one it is just being fired, or was lost before it was written down: then it is fired again.
      if (entry === undefined) continue;
      const done = entry.state === 'pending' ? await this.#carryOn(entry, 0) : entry;
      if (done.state === 'taken') await this.#retain(name, done.retention);
      if (done.state !== 'pending') await this.#cloud.records.delete(recordKeys.liveScheduled(name, at));
    }
  }

  async #decide(deployment: string, scheduledAt: number, retention: SavepointRetention): Promise<ScheduledSavepoint> {
    const firedAt = this.#cloud.clock.now();
    const of = (entry: NewEntry): ScheduledSavepoint => ({ deployment, scheduledAt, firedAt, retention, ...entry });
    const record = await this.#store.read(deployment);
    const reason = await this.#reasonToSkip(deployment, scheduledAt, record);
    if (reason !== undefined) return of({ state: 'skipped', words: `Skipped: ${reason}` });
    const jobId = record!.job!;
    const operationId = derivedId(deployment, String(scheduledAt), 'scheduled savepoint');
    return of({ state: 'pending', words: `The savepoint of job ${jobId} is on its way.`, jobId, operationId });
  }

  async #reasonToSkip(deployment: string, scheduledAt: number, record: DeploymentRecord | undefined): Promise<string | undefined> {
    if (record === undefined || record.deleted === true) return `there is no deployment "${deployment}".`;
    if (record.operation !== undefined) return `its ${record.operation.kind} ${record.operation.id} is in flight.`;
    const job = record.job === undefined ? undefined : await jobRecordOf(this.#cloud, record.job);
    if (job === undefined) return 'no job runs.';
    if (isTerminal(job.status) || !isAlive(job)) return `no job runs: job ${record.job} is ${job.status}.`;
    if (job.requests.some(({ kind }) => kind !== 'checkpoint')) return `a savepoint of job ${record.job} is in flight already.`;
    const others = await this.list(deployment);
    const pending = others.find((each) => each.state === 'pending' && each.scheduledAt !== scheduledAt);
    if (pending !== undefined) return `the savepoint of ${timeOf(pending.scheduledAt)} is in flight already.`;
    const later = others.find((each) => each.scheduledAt > scheduledAt);
    return later === undefined ? undefined : `it came late, after that of ${timeOf(later.scheduledAt)}.`;
  }

  /** If somebody else wrote it down first, that is what holds. */
  async #write(entry: ScheduledSavepoint): Promise<ScheduledSavepoint> {
    const { deployment, scheduledAt } = entry;
    const { records, clock } = this.#cloud;
    if (entry.state === 'pending')
      await records.put(recordKeys.liveScheduled(deployment, scheduledAt), { deployment, scheduledAt }, { kind: 'always' });
    const expires = entry.state === 'skipped' ? clock.now() + limits.scheduledEntryTtlMs : undefined;
    const outcome = await records.put(
      recordKeys.scheduledSavepoint(deployment, scheduledAt),
      fieldsFrom(entry),
      { kind: 'absent' },
      expires,
    );
    return outcome.kind === 'conflict' ? (entryOf(outcome.current) ?? entry) : entry;
  }

  async #carryOn(entry: ScheduledSavepoint, waitMs: number): Promise<ScheduledSavepoint> {
    const { jobId, operationId } = entry;
    const asked = await this.#asked(jobId!, operationId!, waitMs);
    if (asked.kind === 'refused') return await this.#end(entry, { state: 'failed', words: asked.words });
    const { state } = asked.operation;
    if (state.kind !== 'completed') return entry;
    const { result } = state;
    if (result.kind === 'savepoint')
      return await this.#end(entry, { state: 'taken', words: `Savepoint of job ${jobId}: ${result.path}`, path: result.path });
    return await this.#end(entry, {
      state: 'failed',
      words: result.kind === 'failed' ? result.failure.message : `The request was answered with ${result.kind}.`,
    });
  }

  async #asked(
    jobId: string,
    id: string,
    waitMs: number,
  ): Promise<{ readonly kind: 'asked'; readonly operation: OperationRecord } | { readonly kind: 'refused'; readonly words: string }> {
    try {
      await this.#requests.trigger({ jobId, kind: 'savepoint', id });
      return { kind: 'asked', operation: await this.#requests.waitFor(jobId, id, waitMs) };
    } catch (error) {
      if (!WeirError.is(error) || mayPass(error) || error.domain === 'internal') throw error;
      return { kind: 'refused', words: error.message };
    }
  }

  /** On condition that it is still pending, or taken for one that is disposed of; gives what stands there then. */
  async #end(entry: ScheduledSavepoint, end: Pick<ScheduledSavepoint, 'state' | 'words' | 'path'>): Promise<ScheduledSavepoint> {
    const { records, clock } = this.#cloud;
    const key = recordKeys.scheduledSavepoint(entry.deployment, entry.scheduledAt);
    const stored = await records.get(key);
    const now = entryOf(stored);
    if (stored === undefined || now?.state !== entry.state) return now ?? entry;
    const ended: ScheduledSavepoint = { ...now, ...end };
    const expires = end.state === 'taken' ? undefined : clock.now() + limits.scheduledEntryTtlMs;
    const outcome = await records.put(key, fieldsFrom(ended), { kind: 'revision', revision: stored.revision }, expires);
    return outcome.kind === 'stored' ? ended : (entryOf(outcome.current) ?? ended);
  }

  /** One that a job still reads from is left to the next time. */
  async #retain(deployment: string, retention: SavepointRetention): Promise<void> {
    const entries = (await this.list(deployment)).filter(({ state, path }) => state === 'taken' && path !== undefined);
    const taken: TakenSavepoint[] = [];
    for (const entry of entries) {
      const state = (await readSnapshot(this.#cloud, entry.path!))?.state;
      taken.push({ entry, snapshot: state === 'deleted' ? undefined : state });
    }
    const gone = taken.filter(({ snapshot }) => snapshot === undefined).map(({ entry }) => entry);
    for (const entry of gone) await this.#end(entry, { state: 'disposed', words: 'Disposed of by somebody else.' });
    for (const entry of disposable(taken, retention, this.#cloud.clock.now())) {
      if (await this.#dispose(entry)) await this.#end(entry, { state: 'disposed', words: `Disposed of by the schedule: ${entry.path}` });
    }
  }

  async #dispose({ deployment, scheduledAt, path }: ScheduledSavepoint): Promise<boolean> {
    try {
      const operation = derivedId(deployment, String(scheduledAt), 'disposal');
      await disposeSnapshot(this.#cloud, path!, { operation });
      return true;
    } catch (error) {
      if (!WeirError.is(error) || mayPass(error) || error.domain === 'internal') throw error;
      return error.code === 'SAVEPOINT_DISPOSED';
    }
  }
}

const entryOf = (stored: StoredRecord | undefined): ScheduledSavepoint | undefined =>
  stored?.fields as unknown as ScheduledSavepoint | undefined;

const fieldsFrom = (entry: ScheduledSavepoint): RecordFields => entry as unknown as RecordFields;

const timeOf = (ms: number): string => new Date(ms).toISOString();
