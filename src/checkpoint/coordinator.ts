import { assert, unreachable } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { isTerminal } from '../protocol/job-record.ts';
import { park } from '../protocol/transitions.ts';
import { failureBytesMax, runsInGroups, slotGroups } from '../protocol/wide-job.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import { abortCheckpointOf } from './abort-checkpoint.ts';
import { AccumulatorStore } from './accumulator-store.ts';
import { commitEffects } from './commit-effects.ts';
import { completeCheckpointOf } from './complete-checkpoint.ts';
import type { CoordinatorCommand, OpenReply } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { startDriver } from './driver.ts';
import { injectBarrier } from './inject-barrier.ts';
import type { JobObserver } from './job-observer.ts';
import { JobStore } from './job-store.ts';
import { worstReply } from './judge-replies.ts';
import { ManifestStore } from './manifest-store.ts';
import { sealLevel } from './seal-level.ts';

/** Commands the workflows send; `plan` is answered by the function that has the program, not here. */
export type WorkflowCommand = Exclude<CoordinatorCommand, { command: 'plan' }>;

export interface CoordinatorOptions {
  /** What a slot has for one level of one epoch, in milliseconds; `limits.levelMsMax` at most, and by default. */
  readonly levelMsMax?: number | undefined;
  readonly observer?: JobObserver | undefined;
}

/**
 * Carries the checkpoint protocol out: one per function environment. It keeps nothing that it can't read again, so any
 * number of them may work on one job, at once or one after the other.
 */
export class Coordinator {
  readonly #parts: CoordinatorParts;

  constructor(
    cloud: Cloud,
    loadJob: (description: JobDescription) => BuiltJob,
    { levelMsMax = limits.levelMsMax, observer }: CoordinatorOptions = {},
  ) {
    assert(levelMsMax > 0 && levelMsMax <= limits.levelMsMax, 'a level fits into the time limits around it');
    this.#parts = {
      cloud,
      jobs: new JobStore(cloud),
      manifests: new ManifestStore(cloud),
      accumulators: new AccumulatorStore(cloud),
      loadJob,
      levelMsMax,
      observer,
    };
  }

  /** The reply is plain JSON; its type goes by the command (see coordinator-command). */
  async handle(command: WorkflowCommand): Promise<object> {
    switch (command.command) {
      case 'open':
        return this.#open(command);
      case 'inject':
        return injectBarrier(this.#parts, command);
      case 'seal':
        return sealLevel(this.#parts, command);
      case 'sumUp':
        return worstReply(command.replies);
      case 'complete':
        return completeCheckpointOf(this.#parts, command);
      case 'abort':
        return abortCheckpointOf(this.#parts, command);
      case 'effects':
        return commitEffects(this.#parts, command.jobId);
      case 'park':
        return this.#park(command);
      case 'handOver':
        return startDriver(this.#parts.cloud, this.#parts.jobs, command.jobId, { generation: command.generation, lost: false });
      default:
        return unreachable(command);
    }
  }

  /** What a generation has to know before its first epoch: which slots there are, and the state to load. */
  async #open(command: Extract<WorkflowCommand, { command: 'open' }>): Promise<OpenReply> {
    const { jobs } = this.#parts;
    const [description, record] = await Promise.all([jobs.description(command.jobId), jobs.record(command.jobId)]);
    if (record.generation !== command.generation) return { kind: 'fenced' };
    if (isTerminal(record.status) && record.effects === undefined) return { kind: 'ended' };
    // The effects of a job that has ended need no state: no slot is called for them.
    const slots = isTerminal(record.status) ? 0 : description.slots;
    const functions = description.program.slotFunctions.slice(0, slots);
    const inGroups = slots > 0 && runsInGroups(description);
    return {
      kind: inGroups ? 'openedInGroups' : 'opened',
      slots: inGroups ? [] : functions.map((functionArn, slot) => ({ slot, functionArn })),
      groups: inGroups ? slotGroups(functions) : [],
      prepare: {
        parent: record.latest,
        slots,
        deadlineMs: (inGroups ? limits.prepareInGroupMsMax : limits.prepareMsMax) - 5_000,
        failureBytesMax: failureBytesMax(description),
      },
    };
  }

  /** Lets the driver sleep on its task token, unless there is something to do: then it is woken at once. */
  async #park(command: Extract<WorkflowCommand, { command: 'park' }>): Promise<{ readonly kind: 'parked' | 'awake' }> {
    const { jobs, cloud } = this.#parts;
    const { checkpointIntervalMs } = await jobs.description(command.jobId);
    const now = cloud.clock.now();
    const kind = await jobs.update<'parked' | 'awake'>(command.jobId, (record) => {
      const outcome = park(record, { generation: command.generation, token: command.taskToken, now, checkpointIntervalMs });
      return outcome.kind === 'park' ? { answer: 'parked', put: outcome.record } : { answer: 'awake' };
    });
    if (kind === 'awake') await cloud.workflows.sendTaskSuccess(command.taskToken, {});
    return { kind };
  }
}
