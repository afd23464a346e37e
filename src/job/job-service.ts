import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { type DriverOutcome, ensureDriver, startDriver } from '../checkpoint/driver.ts';
import { JobStore, toFields } from '../checkpoint/job-store.ts';
import type { Cloud, Json } from '../cloud/index.ts';
import { isHexId } from '../graph/ids.ts';
import { defaultRestartStrategy, type JobDescription, type ProgramRecord, type StateBackend } from '../protocol/job-description.ts';
import { isAlive, isTerminal, type JobRecord } from '../protocol/job-record.ts';
import { recordKeys } from '../protocol/names.ts';
import { newJobRecord } from '../protocol/new-job-record.ts';
import { defaultRetention } from '../protocol/retention.ts';
import type { RetentionPolicy } from '../protocol/snapshot-record.ts';
import { jobOf } from '../savepoint/job-of-snapshot.ts';
import { knownJobs } from '../savepoint/list-snapshots.ts';
import { mayPass } from '../savepoint/may-pass.ts';
import type { RestorePlan } from '../savepoint/restore-plan.ts';
import type { BuildOptions } from '../stream/build-job.ts';
import type { Portable } from '../values/portable.ts';
import { DisposalService } from './disposal-service.ts';
import { driveCopies } from './drive-copy.ts';
import { leaseSlots } from './lease-slots.ts';
import { liveJobIds } from './live-index.ts';
import type { PlanReply, ProgramPlan } from './plan.ts';
import { beginRestored, checkRestore, type PlannedRestore, plannedRestore, type RestoreRequest, restoredFrom } from './restore-job.ts';

export interface JobServiceOptions {
  /** Where checkpoints go, e.g. `s3://bucket/weir`; no slash at the end. */
  readonly stateRoot: string;
}

export interface SubmitRequest {
  readonly programId: string;
  readonly args: Portable;
  /** Default parallelism of the job; without it, what the program says, else 1. */
  readonly parallelism?: number;
  /** Given by a caller that may have to repeat itself: submitting the same id again changes nothing. */
  readonly jobId?: string;
  readonly checkpointIntervalMs?: number;
  readonly stateBackend?: StateBackend;
  readonly segmentInlineBytes?: number;
  /** Begins where a savepoint or retained checkpoint stands, instead of from nothing. */
  readonly restore?: RestoreRequest;
  /** Before what the program says. */
  readonly retention?: Partial<RetentionPolicy>;
  /** Id of the deployment's operation that begins the job; missing: it is begun by hand. */
  readonly operation?: string;
}

export interface SubmitReply {
  readonly jobId: string;
  readonly warnings: readonly string[];
  /** What became of everything in the snapshot; missing for a repeated call. */
  readonly restored?: RestorePlan;
}

interface PlanRequest extends Pick<SubmitRequest, 'programId' | 'args' | 'parallelism'> {
  readonly maxParallelisms?: BuildOptions['maxParallelisms'];
}

export interface JobView {
  readonly description: JobDescription;
  readonly record: JobRecord;
}

/** Flink's statuses as users see them: a job is not ended before its effects are visible. */
export type ShownStatus = JobRecord['status'] | 'CANCELLING' | 'FAILING';

export function shownStatus(record: JobRecord): ShownStatus {
  if (record.effects === undefined || !isTerminal(record.status)) return record.status;
  return record.status === 'FINISHED' ? 'RUNNING' : record.status === 'CANCELED' ? 'CANCELLING' : 'FAILING';
}

/** The life of jobs, for whoever asks from outside: the control API, schedules, the sweep. */
export class JobService {
  readonly #cloud: Cloud;
  readonly #jobs: JobStore;
  readonly #options: JobServiceOptions;

  constructor(cloud: Cloud, options: JobServiceOptions) {
    this.#cloud = cloud;
    this.#jobs = new JobStore(cloud);
    this.#options = options;
  }

  /** What the program would run. Throws PROGRAM_NOT_FOUND, and what the program refuses the arguments with. */
  async plan(request: PlanRequest): Promise<ProgramPlan> {
    const program = await this.#program(request.programId);
    const { parallelism, maxParallelisms } = request;
    const reply = (await this.#cloud.functions.invoke(program.coordinatorFunction, {
      command: 'plan',
      args: request.args as Json,
      ...(parallelism === undefined ? {} : { parallelism }),
      ...(maxParallelisms === undefined ? {} : { maxParallelisms }),
    })) as unknown as PlanReply;
    if (reply.kind === 'plan') return reply.plan;
    throw new WeirError({
      code: reply.code,
      domain: 'user',
      message: reply.message,
      ...(reply.advice === undefined ? {} : { advice: reply.advice }),
    });
  }

  /**
   * Starts a job of a deployed program, from nothing or from a snapshot. What is wrong with the snapshot, and a restore that
   * the plan refuses (RESTORE_REFUSED), is thrown before anything was touched. Then claim, restore manifest, description,
   * record and index entry are written in this order, each if absent, and the driver is started: a repeated call with the
   * same id goes on where the first one stopped. A program of a deployment needs its lease first: DEPLOYMENT_BUSY.
   */
  async submit(request: SubmitRequest): Promise<SubmitReply> {
    if (request.jobId !== undefined && !isHexId(request.jobId)) {
      throw new WeirError({
        code: 'INVALID_JOB_ID',
        domain: 'user',
        message: `A job id is 32 hex digits, but this is "${request.jobId}".`,
      });
    }
    const known = request.jobId === undefined ? undefined : await this.get(request.jobId);
    if (known !== undefined) return await this.#start(known.description, { jobId: known.description.jobId, warnings: [] });
    const program = await this.#program(request.programId);
    const { plan, restore } = await this.#planned(request);
    const described = this.#describe(request, program, plan, restore);
    const { records } = this.#cloud;
    const begin = async (of: JobDescription) =>
      restore === undefined ? undefined : await beginRestored(this.#cloud, restore.snapshot, of);
    const { deployment, programId } = program;
    const { operation } = request;
    if (deployment !== undefined) await leaseSlots(this.#cloud, deployment, { jobId: described.jobId, programId, operation });
    // Before the description, so that a claim that comes too late leaves nothing behind.
    const begun = await begin(described);
    const written = await records.put(recordKeys.jobDescription(described.jobId), toFields(described), { kind: 'absent' });
    const description = written.kind === 'conflict' ? await this.#jobs.description(described.jobId) : described;
    const restored = written.kind === 'conflict' ? await begin(description) : begun;
    await records.put(recordKeys.liveJob(description.jobId), { jobId: description.jobId }, { kind: 'always' });
    await records.put(recordKeys.job(description.jobId), toFields(newJobRecord(description, restored)), { kind: 'absent' });
    const warnings = [...plan.warnings, ...(restore?.plan.warnings ?? []).map(({ message, advice }) => `${message} ${advice}`)];
    const reply = { jobId: description.jobId, warnings: [...new Set(warnings)] };
    return await this.#start(description, restore === undefined ? reply : { ...reply, restored: restore.plan });
  }

  /** What would become of everything in a snapshot if a job of the program began from it: the dry run of `submit`. */
  async check(request: PlanRequest & { readonly restore: RestoreRequest }): Promise<RestorePlan> {
    const { graph } = await this.plan(request);
    return await checkRestore(this.#cloud, request.restore, graph);
  }

  /** What the program runs, with the max parallelism of what it begins from wherever it sets none. */
  async #planned(request: SubmitRequest): Promise<{ readonly plan: ProgramPlan; readonly restore: PlannedRestore | undefined }> {
    const plan = await this.plan(request);
    if (request.restore === undefined) return { plan, restore: undefined };
    const restore = await plannedRestore(this.#cloud, request.restore, plan.graph);
    const { maxParallelisms } = restore.plan;
    if (Object.keys(maxParallelisms).length === 0) return { plan, restore };
    return { plan: await this.plan({ ...request, maxParallelisms }), restore };
  }

  async #start(description: JobDescription, reply: SubmitReply): Promise<SubmitReply> {
    const { submittedAt, jobId } = description;
    await this.#cloud.records.put(recordKeys.jobIndex(submittedAt, jobId), { jobId }, { kind: 'absent' });
    await startDriver(this.#cloud, this.#jobs, jobId, { generation: 0, lost: false });
    return reply;
  }

  /** All jobs, the latest submitted last. */
  async list(): Promise<readonly JobView[]> {
    const ids = await knownJobs(this.#cloud);
    const found = await this.#cloud.records.getMany(ids.flatMap((id) => [recordKeys.jobDescription(id), recordKeys.job(id)]));
    return ids.flatMap((_, index) => {
      const description = found[2 * index]?.fields as unknown as JobDescription | undefined;
      const record = found[2 * index + 1]?.fields as unknown as JobRecord | undefined;
      return description === undefined || record === undefined ? [] : [{ description, record }];
    });
  }

  async get(jobId: string): Promise<JobView | undefined> {
    return await jobOf(this.#cloud, jobId);
  }

  /**
   * Gives every job that needs a driver one, or the one job, and carries on what is left of it: a job that was stopped with a
   * canonical savepoint ends before that is copied. For the event rule on ended executions, and for the sweep, which looks at
   * all jobs that live, whatever is wrong with one of them, and throws what was wrong at the end. Of a job that is not known
   * here nothing is said.
   */
  async supervise(jobId?: string): Promise<readonly { readonly jobId: string; readonly outcome: DriverOutcome }[]> {
    const ids = jobId === undefined ? await liveJobIds(this.#cloud) : [jobId];
    const outcomes = [];
    const failures: unknown[] = [];
    for (const id of ids) {
      try {
        outcomes.push({ jobId: id, outcome: await ensureDriver(this.#cloud, this.#jobs, id) });
      } catch (error) {
        if (!WeirError.is(error) || error.code !== 'JOB_NOT_FOUND') failures.push(error);
      }
    }
    await this.#carryOn(ids);
    if (jobId === undefined) await this.#passing(() => new DisposalService(this.#cloud).sweep());
    if (failures.length > 0) throw failures[0];
    return outcomes;
  }

  /** Canonical copies that nobody asks after. Of a job for which nothing is left to be done, the sweep takes no more notice. */
  async #carryOn(ids: readonly string[]): Promise<void> {
    const now = this.#cloud.clock.now();
    const found = await this.#cloud.records.getMany(ids.map((id) => recordKeys.job(id)));
    for (const [index, jobId] of ids.entries()) {
      const record = found[index]?.fields as unknown as JobRecord | undefined;
      // It is just being submitted, or its submission was lost: a repeated one writes the entry again.
      if (record === undefined) continue;
      if (mayBeCopied(record, now)) await this.#passing(() => driveCopies(this.#cloud, jobId));
      else if (!isAlive(record)) await this.#passing(() => this.#cloud.records.delete(recordKeys.liveJob(jobId)));
    }
  }

  /** What fails for now is taken up by the next sweep. */
  async #passing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
  }

  async #program(programId: string): Promise<ProgramRecord> {
    const stored = await this.#cloud.records.get(recordKeys.program(programId));
    const program = stored?.fields as unknown as ProgramRecord | undefined;
    if (program !== undefined && program.retired !== true) return program;
    throw new WeirError({
      code: 'PROGRAM_NOT_FOUND',
      domain: 'user',
      message: `No program "${programId}" is deployed here.`,
      advice: 'Deploy it first; GET /jars lists what is there.',
    });
  }

  #describe(request: SubmitRequest, program: ProgramRecord, plan: ProgramPlan, restore: PlannedRestore | undefined): JobDescription {
    const submittedAt = this.#cloud.clock.now();
    const maxParallelisms = restore?.plan.maxParallelisms ?? {};
    const widest = Math.max(...plan.graph.vertices.map((vertex) => vertex.parallelism));
    return {
      jobId: request.jobId ?? this.#cloud.random.hex(16),
      name: plan.jobName,
      program: {
        programId: program.programId,
        slotFunctions: program.slotFunctions,
        coordinatorFunction: program.coordinatorFunction,
        jobWorkflow: program.jobWorkflow,
        checkpointWorkflow: program.checkpointWorkflow,
        ...(program.groupWorkflow === undefined ? {} : { groupWorkflow: program.groupWorkflow }),
      },
      args: plan.args,
      parallelism: plan.parallelism,
      slots: Math.min(widest, program.slotFunctions.length, limits.slotsMax),
      stateRoot: this.#options.stateRoot,
      checkpointIntervalMs: request.checkpointIntervalMs ?? plan.checkpointIntervalMs ?? 10_000,
      retention: { ...defaultRetention, ...plan.retention, ...request.retention },
      ...(plan.savepointDirectory === undefined ? {} : { savepointDirectory: plan.savepointDirectory }),
      restartStrategy: plan.restartStrategy ?? defaultRestartStrategy,
      stateBackend: request.stateBackend ?? 'dynamodb',
      segmentInlineBytes: request.segmentInlineBytes ?? limits.segmentInlineBytes,
      graph: plan.graph,
      graphDigest: plan.graphDigest,
      submittedAt,
      ...(restore === undefined ? {} : { restored: restoredFrom(restore.snapshot, request.restore!, submittedAt) }),
      ...(Object.keys(maxParallelisms).length === 0 ? {} : { maxParallelisms }),
    };
  }
}

/** No copy goes on so long after its job has ended, so that old jobs cost the sweep nothing. */
const mayBeCopied = ({ pinnedUpTo, status, statusAt, effects }: JobRecord, now: number): boolean =>
  pinnedUpTo > 0 && (!isTerminal(status) || effects !== undefined || now - statusAt < 2 * limits.copyMsMax);
