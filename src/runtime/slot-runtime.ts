import { WeirError } from '../base/errors.ts';
import { inLogScope } from '../base/log-scope.ts';
import type { Cloud } from '../cloud/index.ts';
import type { SlotCommand, SlotReply } from '../protocol/command.ts';
import { failureFrom, trimFailure } from '../protocol/failure.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { recordKeys } from '../protocol/names.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { FreezePolicy } from '../values/freeze-sample.ts';
import { Deadline } from './deadline.ts';
import { SlotJob } from './slot-job.ts';

export interface SlotRuntimeOptions {
  /** Which records and values of state are frozen, so that a change in place throws: for tests and development. Default `none`. */
  readonly freeze?: FreezePolicy;
  /** False: the deadlines of commands don't count, so that a debugger may hold what runs. Default true. */
  readonly timeLimits?: boolean;
}

/** Jobs whose state stays in memory; a deployment leases its slots to one, so more are a matter of development. */
const jobsKeptMax = 8;

/**
 * What an operator function keeps between calls: one per environment. It answers every command with an outcome and
 * throws nothing. A second call waits for the first, so that one environment never does two things at once.
 */
export class SlotRuntime {
  readonly #cloud: Cloud;
  readonly #loadJob: (description: JobDescription) => BuiltJob;
  readonly #freeze: FreezePolicy;
  readonly #timeLimits: boolean;
  /** The one used last stands last. */
  readonly #jobs = new Map<string, SlotJob>();
  #busy: Promise<unknown> = Promise.resolve();

  constructor(
    cloud: Cloud,
    loadJob: (description: JobDescription) => BuiltJob,
    { freeze = 'none', timeLimits = true }: SlotRuntimeOptions = {},
  ) {
    this.#cloud = cloud;
    this.#loadJob = loadJob;
    this.#freeze = freeze;
    this.#timeLimits = timeLimits;
  }

  /** `signal` gives up at the next border of a batch, as the command's own deadline does. */
  async handle(command: SlotCommand, signal?: AbortSignal): Promise<SlotReply> {
    const deadline = new Deadline(this.#cloud.clock, this.#timeLimits ? command.deadlineMs : Number.POSITIVE_INFINITY, signal);
    const origin = { jobId: command.jobId, slot: command.slot };
    const turn = this.#busy.then(() => inLogScope(origin, () => this.#answer(command, deadline)));
    this.#busy = turn;
    const reply = await turn;
    return reply.kind === 'failed' ? { ...reply, failure: trimFailure(reply.failure, command.failureBytesMax) } : reply;
  }

  async #answer(command: SlotCommand, deadline: Deadline): Promise<SlotReply> {
    try {
      deadline.check();
      const job = await this.#job(command.jobId);
      return command.command === 'prepare' ? await job.prepare(command, deadline) : await job.run(command, deadline);
    } catch (error) {
      return { kind: 'failed', slot: command.slot, failure: failureFrom(error) };
    }
  }

  async #job(jobId: string): Promise<SlotJob> {
    const job = this.#jobs.get(jobId) ?? (await this.#load(jobId));
    this.#jobs.delete(jobId);
    this.#jobs.set(jobId, job);
    if (this.#jobs.size > jobsKeptMax) {
      const [oldest, forgotten] = this.#jobs.entries().next().value!;
      this.#jobs.delete(oldest);
      // Its functions' errors are nobody's who calls now.
      await forgotten.close().catch(() => undefined);
    }
    return job;
  }

  async #load(jobId: string): Promise<SlotJob> {
    const stored = await this.#cloud.records.get(recordKeys.jobDescription(jobId));
    if (stored === undefined) {
      throw new WeirError({
        code: 'JOB_NOT_FOUND',
        domain: 'internal',
        message: `A slot was called for job ${jobId}, but no description of it is stored.`,
        subject: { jobId },
      });
    }
    const description = stored.fields as unknown as JobDescription;
    return new SlotJob(this.#cloud, description, this.#loadJob(description), this.#freeze);
  }
}
