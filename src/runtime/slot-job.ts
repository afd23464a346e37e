import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { LogOrigin } from '../base/log-line.ts';
import { inLogScope } from '../base/log-scope.ts';
import type { Cloud } from '../cloud/index.ts';
import { slotOf } from '../exchange/routing.ts';
import { graphDigest } from '../graph/graph-digest.ts';
import type { PrepareCommand, RunLevelCommand, SlotReply } from '../protocol/command.ts';
import { failureFrom } from '../protocol/failure.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { objectUris } from '../protocol/names.ts';
import { createSegmentStore, type SegmentStore, type StateSchemas } from '../state/index.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { FreezePolicy } from '../values/freeze-sample.ts';
import { meetBarrier } from './barrier.ts';
import type { Deadline } from './deadline.ts';
import { Handover } from './handover.ts';
import { readLevelInput } from './level-input.ts';
import { bringToParent, staleCommand } from './load-state.ts';
import { stateSchemasOf } from './state-schemas.ts';
import { SubtaskCopy } from './subtask-copy.ts';
import { processEpoch } from './subtask-task.ts';
import { labelOf } from './user-fault.ts';

type Met = { readonly kind: 'met' } | { readonly kind: 'failed'; readonly error: unknown };

/** One job on one slot: copies of its subtasks' state, and how they run. Calls come one after the other. */
export class SlotJob {
  readonly #cloud: Cloud;
  readonly #description: JobDescription;
  readonly #job: BuiltJob;
  readonly #freeze: FreezePolicy;
  readonly #segments: SegmentStore;
  readonly #schemas: StateSchemas;
  readonly #copies = new Map<string, SubtaskCopy>();
  readonly #handover = new Handover();
  #attempt = 0;

  constructor(cloud: Cloud, description: JobDescription, job: BuiltJob, freeze: FreezePolicy) {
    const digest = graphDigest(job.jobGraph);
    if (digest !== description.graphDigest) throw graphChanged(description, digest);
    const { stateRoot, stateBackend: backend, segmentInlineBytes: inlineBytes } = description;
    this.#cloud = cloud;
    this.#description = description;
    this.#job = job;
    this.#freeze = freeze;
    this.#schemas = stateSchemasOf(job);
    this.#segments = createSegmentStore({ cloud, stateRoot, backend, inlineBytes });
  }

  async prepare(command: PrepareCommand, deadline: Deadline): Promise<SlotReply> {
    const copies = this.#copiesOf(command);
    // A late call would only take back what is newer already.
    const current = copies.filter((copy) => copy.state.parent.checkpoint <= command.parent.checkpoint);
    await this.#bringTo(command, current, Number.POSITIVE_INFINITY, deadline);
    return { kind: 'prepared', slot: command.slot };
  }

  async run(command: RunLevelCommand, deadline: Deadline): Promise<SlotReply> {
    const { slot, level, attempt } = command;
    // Attempt numbers only rise: nobody can complete an older one.
    if (attempt < this.#attempt) throw staleCommand(command.parent.checkpoint, command.checkpoint);
    this.#attempt = attempt;
    this.#handover.begin(attempt);
    const copies = this.#copiesOf(command, level).filter((copy) => !copy.hasRun(command));
    if ((await this.#bringTo(command, copies, limits.loadWithinRunBytesMax, deadline)) === 'tooMuch') return { kind: 'notReady', slot };
    const input = await readLevelInput(this.#cloud, this.#job.jobGraph, copies, command, this.#handover);
    if (input.kind === 'handoverLost') return { kind: 'handoverLost', slot };
    const nonce = this.#cloud.random.hex(8);
    const barriers: Promise<Met>[] = [];
    for (const [i, copy] of copies.entries()) {
      const met = await this.#process(copy, command, () =>
        processEpoch(copy, input.inputs[i]!, { command, checkpointIntervalMs: this.#description.checkpointIntervalMs, deadline }),
      );
      if (met.kind === 'failed') {
        barriers.push(Promise.resolve(met));
        break;
      }
      const { processed } = met;
      // Its writes go on while the next subtask computes.
      const options = {
        cloud: this.#cloud,
        stateRoot: this.#description.stateRoot,
        segments: this.#segments,
        command,
        nonce,
        deadline,
        handover: this.#handover,
      };
      barriers.push(this.#meet(copy, command, () => meetBarrier(copy, processed, options)));
    }
    for (const met of await Promise.all(barriers))
      if (met.kind === 'failed') return { kind: 'failed', slot, failure: failureFrom(met.error) };
    return { kind: 'acknowledged', slot, level };
  }

  async close(): Promise<void> {
    for (const copy of this.#copies.values()) await copy.close();
  }

  async #process<T>(
    copy: SubtaskCopy,
    command: RunLevelCommand,
    work: () => Promise<T>,
  ): Promise<{ readonly kind: 'processed'; readonly processed: T } | Extract<Met, { kind: 'failed' }>> {
    try {
      return { kind: 'processed', processed: await inLogScope(originOf(command, copy), work) };
    } catch (error) {
      copy.undo();
      return { kind: 'failed', error: aboutSubtask(error, copy) };
    }
  }

  /** Whatever is not known to have won is taken back. */
  async #meet(copy: SubtaskCopy, command: RunLevelCommand, work: () => Promise<'won' | 'lost'>): Promise<Met> {
    try {
      if ((await inLogScope(originOf(command, copy), work)) === 'lost') copy.undo();
      return { kind: 'met' };
    } catch (error) {
      copy.undo();
      return { kind: 'failed', error: aboutSubtask(error, copy) };
    }
  }

  async #bringTo(
    { parent }: PrepareCommand | RunLevelCommand,
    copies: readonly SubtaskCopy[],
    bytesMax: number,
    deadline: Deadline,
  ): Promise<'there' | 'tooMuch'> {
    const graph = this.#job.jobGraph;
    return await bringToParent(copies, {
      objects: this.#cloud.objects,
      segments: this.#segments,
      graph,
      schemas: this.#schemas,
      parent,
      bytesMax,
      deadline,
    });
  }

  /** The slot's subtasks, of one level or of all. */
  #copiesOf({ slot, slots }: PrepareCommand | RunLevelCommand, level?: number): readonly SubtaskCopy[] {
    assert(slot >= 0 && slot < slots, `slot ${slot} is one of ${slots}`);
    const copies: SubtaskCopy[] = [];
    for (const vertex of this.#job.jobGraph.vertices) {
      if (level !== undefined && vertex.level !== level) continue;
      for (let subtask = slot; subtask < vertex.parallelism; subtask += slots) {
        assert(slotOf(subtask, slots) === slot, 'a subtask runs on its slot');
        const name = `${vertex.vertexId}/${subtask}`;
        let copy = this.#copies.get(name);
        if (copy === undefined) {
          copy = new SubtaskCopy({
            cloud: this.#cloud,
            job: this.#job,
            jobId: this.#description.jobId,
            resultDirectory: objectUris.results(this.#description.stateRoot, this.#description.jobId),
            vertex,
            subtask,
            freeze: this.#freeze,
            schemas: this.#schemas,
          });
          this.#copies.set(name, copy);
        }
        copies.push(copy);
      }
    }
    return copies;
  }
}

/** Whose log it is that a subtask's code writes; which of its operators, the stack tells. */
function originOf({ jobId, checkpoint, attempt, slot }: RunLevelCommand, { vertex, subtask }: SubtaskCopy): LogOrigin {
  return { jobId, checkpoint, attempt, slot, ...labelOf(vertex.operators[0]!, subtask) };
}

/** What went wrong at a barrier is about a subtask; most of it is not about one operator. */
function aboutSubtask(error: unknown, { vertex, subtask }: SubtaskCopy): unknown {
  return WeirError.is(error) ? error.about({ subtask, vertex: vertex.name }) : error;
}

function graphChanged(description: JobDescription, found: string): WeirError {
  return new WeirError({
    code: 'GRAPH_CHANGED',
    domain: 'program',
    message: `Job ${description.jobId} ("${description.name}") was submitted with a job graph of digest ${description.graphDigest}, but its program now builds one of digest ${found} from the same arguments.`,
    advice: 'Let build depend on its arguments and the parallelism only: no clock, randomness, environment or files.',
    subject: { jobId: description.jobId },
  });
}
