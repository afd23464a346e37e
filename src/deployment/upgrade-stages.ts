import { WeirError } from '../base/errors.ts';
import { ManifestStore } from '../checkpoint/manifest-store.ts';
import type { Cloud, RecordFields } from '../cloud/index.ts';
import type { JobService, JobView, SubmitRequest } from '../job/job-service.ts';
import { voidJob } from '../job/lease-slots.ts';
import type { ProgramPlan } from '../job/plan.ts';
import type { RequestService } from '../job/request-service.ts';
import type { AskedToEnd, DeploymentOperation, DeploymentRecord, DeploymentTarget, StartPoint } from '../protocol/deployment-record.ts';
import { hasCheckpointed } from '../protocol/end-job.ts';
import type { ProgramRecord } from '../protocol/job-description.ts';
import { isAlive, isTerminal } from '../protocol/job-record.ts';
import { objectUris, recordKeys } from '../protocol/names.ts';
import { mayPass } from '../savepoint/may-pass.ts';
import { planRestore } from '../savepoint/plan-restore.ts';
import { readSnapshot } from '../savepoint/snapshot-store.ts';
import type { ProgramPublisher } from './program-publisher.ts';
import { restoreRefusal } from './restore-refusal.ts';
import { sameValue } from './same-value.ts';
import { isLate, type Observation } from './upgrade-transitions.ts';

export interface UpgradeParts {
  readonly cloud: Cloud;
  readonly jobs: JobService;
  readonly requests: RequestService;
  readonly publisher: ProgramPublisher;
}

const waiting = (words: string): Observation => ({ kind: 'waiting', words });
const ending = (jobId: string): Observation => ({ kind: 'ending', words: `Job ${jobId} is just ending.` });

/**
 * What each stage does and finds. Done twice, at once or late, it comes to the same: the names of what it makes are derived
 * from the operation, and what it ends stays ended.
 */
export class UpgradeStages {
  readonly #parts: UpgradeParts;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
  }

  /** Throws what may pass: the step is done again then. */
  async look(record: DeploymentRecord, operation: DeploymentOperation): Promise<Observation> {
    switch (operation.stage) {
      case 'settle':
        return await this.#settle(record, operation);
      case 'publish':
        return await this.#publish(record, operation);
      case 'plan':
        return await this.#plan(record, operation);
      case 'stop':
        return operation.ending === undefined ? { kind: 'endedByItself' } : await this.#end(record, operation, operation.ending);
      case 'cancel':
        return await this.#end(record, operation, operation.ending!);
      case 'start':
        return await this.#submit(operation, {
          ...requestOf(operation.programId!, operation.target),
          ...restoreOf(operation.from, operation.target),
        });
      case 'watch':
        return await this.#watch(operation);
      case 'undo':
        return await this.#undo(record, operation.job!);
      case 'resume':
        return await this.#resume(operation);
      case 'remove':
        // Done by whoever keeps the record: see retire-programs.ts.
        return { kind: 'removed', words: '' };
    }
  }

  /** Whatever an operation of before may still be doing to jobs is brought to an end that can't change any more. */
  async #settle(record: DeploymentRecord, operation: DeploymentOperation): Promise<Observation> {
    const { job, ending: asked, back } = operation;
    if (job !== undefined) {
      const undone = await this.#undo(record, job);
      if (undone.kind === 'checkpointed') return { kind: 'settled' };
      if (undone.kind !== 'undone') return undone;
      return back === undefined ? { kind: 'settled' } : { kind: 'settled', from: back };
    }
    if (asked === undefined) return back === undefined ? { kind: 'settled' } : { kind: 'settled', from: back };
    const ended = await this.#end(record, operation, asked);
    switch (ended.kind) {
      case 'ended':
        return { kind: 'settled', from: ended.at };
      case 'endedByItself':
      case 'noSavepoint':
        return { kind: 'settled' };
      default:
        return ended;
    }
  }

  async #publish(record: DeploymentRecord, operation: DeploymentOperation): Promise<Observation> {
    const { publisher, cloud } = this.#parts;
    const programId = operation.programId!;
    const key = recordKeys.program(programId);
    const stored = await cloud.records.get(key);
    const known = stored?.fields as unknown as ProgramRecord | undefined;
    if (record.retiring.includes(programId)) return waiting(`Program ${programId} is just being taken away.`);
    if (known !== undefined && known.retired !== true && known.deployment === record.name) return { kind: 'published', programId };
    const outcome = await publisher.publish(programId, operation.target.source, operation.fingerprint ?? '');
    if (outcome.kind === 'publishing') return waiting(outcome.words);
    if (outcome.kind === 'unpublishable') return { kind: 'refused', words: outcome.words };
    const now = cloud.clock.now();
    const program: ProgramRecord = { ...outcome.program, programId, name: record.name, createdAt: now, deployment: record.name };
    const condition = stored === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'revision', revision: stored.revision } as const);
    const put = await cloud.records.put(key, program as unknown as RecordFields, condition);
    // Somebody else published at the same time: what stands there is looked at in the next step.
    return put.kind === 'stored' ? { kind: 'published', programId } : waiting(`Program ${programId} is just being published.`);
  }

  async #plan(record: DeploymentRecord, operation: DeploymentOperation): Promise<Observation> {
    const { jobs } = this.#parts;
    const { target, back } = operation;
    try {
      const plan = await jobs.plan(requestOf(operation.programId!, target));
      if (back !== undefined) return await this.#mayBegin(operation, back);
      const view = record.job === undefined ? undefined : await jobs.get(record.job);
      const first = operation.kind === 'create' || view === undefined;
      if (view === undefined || (first && !isAlive(view.record))) {
        const path = target.initialSavepointPath;
        return await this.#mayBegin(operation, path === undefined ? { kind: 'nothing' } : { kind: 'snapshot', path });
      }
      if (isTerminal(view.record.status)) return await this.#afterEnd(operation, view);
      const { jobId } = view.record;
      if (runs(view, operation.programId!, target, plan)) return { kind: 'runsAlready', jobId };
      if (target.mode === 'stateless') return { kind: 'mayReplace', jobId };
      const refusal = await this.#refusal(view, plan, target);
      return refusal === undefined ? { kind: 'mayReplace', jobId } : { kind: 'refused', words: refusal };
    } catch (error) {
      return refusedBy(error);
    }
  }

  async #afterEnd(operation: DeploymentOperation, view: JobView): Promise<Observation> {
    const { jobId, status, effects } = view.record;
    if (effects !== undefined) return ending(jobId);
    if (status !== 'FAILED') return { kind: 'staysEnded', jobId, status };
    if (operation.target.mode === 'stateless') return await this.#mayBegin(operation, { kind: 'nothing' });
    return await this.#mayBegin(operation, await this.#latestOf(view));
  }

  /** Whether a job may begin there: from a snapshot, after the plan of its restore. */
  async #mayBegin(operation: DeploymentOperation, from: StartPoint): Promise<Observation> {
    if (from.kind === 'nothing') return { kind: 'mayBegin', from };
    const { target, programId } = operation;
    const restore = { path: from.path, allowNonRestoredState: target.allowNonRestoredState };
    const plan = await this.#parts.jobs.check({ ...requestOf(programId!, target), restore });
    return plan.kind === 'refused' ? { kind: 'refused', words: restoreRefusal(plan) } : { kind: 'mayBegin', from };
  }

  /** What the plan says against restoring the latest checkpoint of a job that runs; nothing, if all may be restored. */
  async #refusal({ record }: JobView, plan: ProgramPlan, { allowNonRestoredState }: DeploymentTarget): Promise<string | undefined> {
    const manifest = await new ManifestStore(this.#parts.cloud).read(record.latest);
    if (manifest === undefined) return undefined;
    const restore = planRestore(manifest, plan.graph, { allowNonRestoredState, effectsDone: true });
    return restore.kind === 'refused' ? restoreRefusal(restore) : undefined;
  }

  async #endedByItself(view: JobView | undefined): Promise<Observation> {
    const kept = view === undefined ? undefined : await this.#retained(view);
    return kept === undefined ? { kind: 'endedByItself' } : { kind: 'endedByItself', kept };
  }

  /** The latest checkpoint of a job that has ended, if it is retained. */
  async #retained({ record, description }: JobView): Promise<string | undefined> {
    if (!hasCheckpointed(record)) return undefined;
    const path = objectUris.checkpointDirectory(description.stateRoot, record.jobId, record.latest.checkpoint);
    return (await readSnapshot(this.#parts.cloud, path))?.state === 'live' ? path : undefined;
  }

  /** Where the state of a job stands that has ended: its retained checkpoint, or what it began from. */
  async #latestOf(view: JobView): Promise<StartPoint> {
    const path = await this.#retained(view);
    if (path !== undefined) return { kind: 'snapshot', path };
    const { restored } = view.description;
    return restored === undefined ? { kind: 'nothing' } : { kind: 'snapshot', path: restored.path };
  }

  async #end({ name }: DeploymentRecord, operation: DeploymentOperation, asked: AskedToEnd): Promise<Observation> {
    const { jobId, savepoint } = asked;
    return savepoint === undefined ? await this.#cancel(jobId) : await this.#stop(name, operation, jobId, savepoint);
  }

  /** With a savepoint: asked for under one id, however often, so that whoever comes late asks for nothing new. */
  async #stop(name: string, operation: DeploymentOperation, jobId: string, id: string): Promise<Observation> {
    const { requests, cloud } = this.#parts;
    try {
      await requests.trigger({ jobId, kind: 'stop', id });
    } catch (error) {
      const said = refusedBy(error);
      return said.kind === 'refused' ? { kind: 'noSavepoint', words: said.words } : said;
    }
    let view = await this.#parts.jobs.get(jobId);
    // Whoever was about to begin it finds it ended.
    if (view === undefined) await voidJob(cloud, jobId, name);
    const decided = view !== undefined && isLate(operation, cloud.clock.now()) && (await requests.withdraw(jobId, id)) === 'decided';
    const { state } = await requests.operation(jobId, id);
    if (state.kind !== 'completed')
      return decided ? ending(jobId) : waiting(`Job ${jobId} has not answered the stop with its savepoint yet.`);
    view = await this.#parts.jobs.get(jobId);
    if (view !== undefined && isTerminal(view.record.status) && isAlive(view.record)) return ending(jobId);
    if (state.result.kind === 'savepoint') return { kind: 'ended', at: { kind: 'snapshot', path: state.result.path } };
    if (view === undefined || isTerminal(view.record.status)) return await this.#endedByItself(view);
    const words = state.result.kind === 'failed' ? state.result.failure.message : 'It was answered with no savepoint.';
    return { kind: 'noSavepoint', words: `Job ${jobId} could not be stopped with a savepoint. ${words}` };
  }

  /** Its latest checkpoint stays, whatever its retention says. */
  async #cancel(jobId: string): Promise<Observation> {
    const { requests, jobs } = this.#parts;
    const reply = await requests.cancel(jobId, { retain: true });
    const view = (await jobs.get(jobId))!;
    if (isAlive(view.record)) return ending(jobId);
    if (reply === 'ended') return await this.#endedByItself(view);
    return { kind: 'ended', at: await this.#latestOf(view) };
  }

  async #submit(operation: DeploymentOperation, request: SubmitRequest): Promise<Observation> {
    const jobId = operation.job!;
    try {
      await this.#parts.jobs.submit({ ...request, jobId, operation: operation.id });
      return { kind: 'submitted', jobId };
    } catch (error) {
      const refused = refusedBy(error);
      return refused.kind === 'refused' ? { kind: 'startRefused', words: refused.words } : refused;
    }
  }

  async #watch({ job }: DeploymentOperation): Promise<Observation> {
    const jobId = job!;
    const record = (await this.#parts.jobs.get(jobId))?.record;
    if (record === undefined) return waiting(`Job ${jobId} is just being begun.`);
    if (hasCheckpointed(record)) return { kind: 'checkpointed', jobId, checkpoint: record.latest.checkpoint };
    const cause = record.cause === undefined ? '' : `: ${record.cause.message}`;
    if (record.status === 'FAILED') return { kind: 'jobFailed', words: `Job ${jobId} FAILED${fullStop(cause)}` };
    if (record.status === 'CANCELED') return { kind: 'canceledByHand', jobId };
    return waiting(`Job ${jobId} is ${record.status} and has not completed its first checkpoint yet${fullStop(cause)}`);
  }

  /** The job never runs (again), unless a checkpoint of it has completed. */
  async #undo(record: DeploymentRecord, jobId: string): Promise<Observation> {
    const { cloud, jobs, requests } = this.#parts;
    await voidJob(cloud, jobId, record.name);
    const reply = await requests.cancelUnlessCheckpointed(jobId);
    const stored = await cloud.records.get(recordKeys.job(jobId));
    const job = stored!.fields as unknown as JobView['record'];
    if (reply === 'checkpointed') return { kind: 'checkpointed', jobId, checkpoint: job.latest.checkpoint };
    if (!isAlive(job)) return { kind: 'undone' };
    await jobs.supervise(jobId);
    return ending(jobId);
  }

  /** The program and the arguments of the job before, from where it stood. */
  async #resume(operation: DeploymentOperation): Promise<Observation> {
    const view = await this.#parts.jobs.get(operation.old!);
    if (view === undefined) return { kind: 'startRefused', words: `Job ${operation.old} is not known any more.` };
    const { program, args, parallelism, checkpointIntervalMs, stateBackend, segmentInlineBytes, retention } = view.description;
    return await this.#submit(operation, {
      programId: program.programId,
      args,
      parallelism,
      checkpointIntervalMs,
      stateBackend,
      segmentInlineBytes,
      ...(retention === undefined ? {} : { retention }),
      ...(operation.back?.kind === 'snapshot' ? { restore: { path: operation.back.path } } : {}),
    });
  }
}

/** A cause that ends in a full stop already. */
const fullStop = (cause: string): string => (cause.endsWith('.') ? cause : `${cause}.`);

const requestOf = (programId: string, { args, parallelism, checkpointIntervalMs, stateBackend }: DeploymentTarget): SubmitRequest => ({
  programId,
  args,
  ...(parallelism === undefined ? {} : { parallelism }),
  ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
  ...(stateBackend === undefined ? {} : { stateBackend }),
});

const restoreOf = (from: StartPoint | undefined, { allowNonRestoredState }: DeploymentTarget): Pick<SubmitRequest, 'restore'> =>
  from?.kind === 'snapshot' ? { restore: { path: from.path, allowNonRestoredState } } : {};

/** Whether a job is what the target asks for. */
function runs({ description }: JobView, programId: string, target: DeploymentTarget, plan: ProgramPlan): boolean {
  const interval = target.checkpointIntervalMs ?? plan.checkpointIntervalMs;
  return (
    description.program.programId === programId &&
    sameValue(description.args, target.args) &&
    description.parallelism === plan.parallelism &&
    (interval === undefined || description.checkpointIntervalMs === interval) &&
    (target.stateBackend === undefined || description.stateBackend === target.stateBackend)
  );
}

/** What is refused for good is an observation; what may pass is thrown on, and done again. */
function refusedBy(error: unknown): Observation {
  if (!WeirError.is(error) || mayPass(error) || error.domain === 'internal') throw error;
  return { kind: 'refused', words: error.advice === undefined ? error.message : `${error.message} ${error.advice}` };
}
