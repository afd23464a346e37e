import { messageOf } from '../../base/errors.ts';
import type { ChainedOperator, JobVertex } from '../../graph/job-graph.ts';
import type { JobAccumulators } from '../../protocol/job-accumulators.ts';
import type { Manifest, ManifestSubtask } from '../../protocol/manifest.ts';
import { restoreSubtaskState, type SubtaskState } from '../../state/index.ts';
import type { BuiltJob } from '../../stream/build-job.ts';
import type { Portable } from '../../values/portable.ts';
import { encodeValue } from '../../values/serializer.ts';
import type { ReferenceState } from '../reference-operators.ts';
import { ReferenceSubtasks } from '../reference-subtasks.ts';
import type { SimulatedClock } from '../simulated-clock.ts';
import type { SimulatedObjects } from '../simulated-object-store.ts';
import type { SimulatedRecords } from '../simulated-record-store.ts';
import { compareAccumulators, storedAccumulators } from './accumulator-checker.ts';
import { countOf, showDifference, statesOf, timersOf } from './compared-state.ts';
import { keyedParts } from './keyed-parts.ts';
import { peekSegment } from './peek-segment.ts';
import { assignedSplits, splitPositions } from './split-positions.ts';
import type { Violations } from './violations.ts';
import { isVisible, outputPlace, type VisibleSink, visibleOutput } from './visible-output.ts';

export interface SubtaskCheckerOptions {
  readonly violations: Violations;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  readonly clock: SimulatedClock;
  readonly job: BuiltJob;
}

/**
 * Invariants 3 and 4 for any job: runs the reference with the same subtasks and epoch cuts beside the job. At each commit
 * the state of every subtask, its watermark and whether its input has ended must be the same, byte for byte and in the
 * same order; in the end so must be what each subtask's sinks made visible of each epoch.
 */
export class SubtaskChecker {
  readonly #options: SubtaskCheckerOptions;
  readonly #reference: ReferenceSubtasks;
  /** By the sink's operator id: the sink, and by place what it should make visible. */
  readonly #wanted = new Map<string, { readonly sink: VisibleSink; readonly output: Map<string, readonly unknown[]> }>();

  static async over(options: SubtaskCheckerOptions): Promise<SubtaskChecker> {
    const { job, clock, objects } = options;
    return new SubtaskChecker(options, await ReferenceSubtasks.over(job, { clock, objects: objects.immediate() }));
  }

  private constructor(options: SubtaskCheckerOptions, reference: ReferenceSubtasks) {
    this.#options = options;
    this.#reference = reference;
  }

  onCommitted(manifest: Manifest, drain: boolean): void {
    const { job, violations } = this.#options;
    const { vertices } = job.jobGraph;
    try {
      const restored = vertices.map((vertex, index) =>
        manifest.vertices[index]!.subtasks.map((subtask) => this.#restore(vertex, subtask, manifest)),
      );
      const positions = positionsOf(vertices, restored);
      this.#reference.runEpoch({
        stamp: manifest.stamp,
        positionOf: (node, splitId) => positions.get(`${node} ${splitId}`),
        assigned: (node, subtask) => {
          const vertex = vertices.findIndex(({ operators }) => operators[0]!.node === node);
          return assignedSplits(restored[vertex]![subtask]!.operator(vertices[vertex]!.operators[0]!.operatorId));
        },
        drain,
      });
      const accumulators = storedAccumulators(this.#options.records, manifest.jobId);
      vertices.forEach((vertex, index) => {
        for (const subtask of manifest.vertices[index]!.subtasks) {
          if (!drain) this.#compareProgress(vertex, subtask, manifest.checkpoint);
          this.#compareAccumulators(vertex, subtask.subtask, accumulators, manifest.checkpoint);
          this.#compareState(vertex, subtask.subtask, restored[index]![subtask.subtask]!, manifest);
          this.#expectOutput(vertex, subtask.subtask, manifest);
        }
      });
    } catch (error) {
      violations.add(3, `checkpoint ${manifest.checkpoint} can't be compared: ${messageOf(error)}`);
    }
  }

  /** Once the job has ended and its effects are clear. */
  checkEnd(): void {
    const { objects, violations } = this.#options;
    for (const { sink, output } of this.#wanted.values()) {
      const visible = visibleOutput(objects, sink);
      for (const place of new Set([...output.keys(), ...visible.keys()])) {
        const [found, wanted] = [visible.get(place) ?? [], output.get(place) ?? []];
        const { name } = sink.sink;
        violations.expect(same(found, wanted), 4, () => `the output ${place} of ${name} differs: ${showDifference(found, wanted)}`);
      }
    }
  }

  #restore(vertex: JobVertex, subtask: ManifestSubtask, { checkpoint, attempt }: Manifest): SubtaskState {
    const loaded = subtask.segments.map((ref) => ({
      ref,
      bytes: peekSegment(ref.at, this.#options)!,
    }));
    return restoreSubtaskState({ vertex, subtask: subtask.subtask }, loaded, { checkpoint, attempt });
  }

  #compareProgress({ vertexId, name }: JobVertex, { subtask, watermark, endOfInput }: ManifestSubtask, checkpoint: number): void {
    const { violations } = this.#options;
    const where = `of ${name} subtask ${subtask} at checkpoint ${checkpoint}`;
    const wanted = this.#reference.watermarkOf(vertexId, subtask);
    const found = watermark ?? Number.NEGATIVE_INFINITY;
    violations.expect(found === wanted, 3, () => `the watermark ${where} is ${found} instead of ${wanted}`);
    const ended = this.#reference.endOfInput(vertexId, subtask);
    violations.expect(endOfInput === ended, 3, () => `the end of input ${where} is ${endOfInput} instead of ${ended}`);
  }

  #compareAccumulators({ vertexId, name }: JobVertex, subtask: number, stored: JobAccumulators | undefined, checkpoint: number): void {
    const found = stored?.subtasks.find((each) => each.vertexId === vertexId && each.subtask === subtask)?.accumulators ?? [];
    const wanted = this.#reference.accumulatorsOf(vertexId, subtask);
    compareAccumulators(this.#options.violations, found, wanted, `${name} subtask ${subtask} at checkpoint ${checkpoint}`);
  }

  #compareState(vertex: JobVertex, subtask: number, state: SubtaskState, { stamp, checkpoint }: Manifest): void {
    const entriesFound = state.entries;
    let entries = 0;
    let mayHaveExpired = false;
    // What has expired is hidden at the stamp; what a look changes is taken back.
    state.begin(stamp);
    vertex.operators.forEach((operator, index) => {
      const expected = this.#reference.stateOf(vertex.vertexId, subtask, index);
      if (expected === undefined) return;
      this.#compareOperator(
        operator,
        expected,
        state,
        `of ${operator.uid ?? operator.name} subtask ${subtask} at checkpoint ${checkpoint}`,
      );
      entries += countOf(expected);
      mayHaveExpired ||= [...expected.values.values()].some(({ declaration }) => declaration?.ttl !== undefined);
    });
    state.undo();
    this.#options.violations.expect(
      mayHaveExpired ? entriesFound >= entries : entriesFound === entries,
      3,
      () => `${vertex.name} subtask ${subtask} has ${entriesFound} entries at checkpoint ${checkpoint} instead of ${entries}`,
    );
  }

  #compareOperator(operator: ChainedOperator, expected: ReferenceState, state: SubtaskState, where: string): void {
    const { violations } = this.#options;
    const copy = state.operator(operator.operatorId);
    for (const { what, found, wanted } of statesOf(copy, expected)) {
      violations.expect(same(found, wanted), 3, () => `${what} ${where} differs: ${showDifference(found, wanted)}`);
    }
    for (const part of keyedParts(copy, expected)) {
      for (const domain of ['timers', 'processingTimers'] as const) {
        const { found, wanted } = timersOf(part, domain);
        violations.expect(found === wanted, 3, () => `the ${domain} ${where} are ${found} instead of ${wanted}`);
      }
    }
  }

  #expectOutput(vertex: JobVertex, subtask: number, { checkpoint, jobId }: Manifest): void {
    vertex.operators.forEach((operator, index) => {
      const { operatorId } = operator;
      const body = this.#options.job.bodies[operator.node];
      if (body?.kind !== 'sink' || !isVisible(body.sink)) return;
      const wanted = this.#wanted.get(operatorId) ?? { sink: { sink: body.sink, operatorId, jobId }, output: new Map() };
      this.#wanted.set(operatorId, wanted);
      const collected = this.#reference.collected(vertex.vertexId, subtask, index);
      if (collected.length > 0) wanted.output.set(outputPlace(operatorId, subtask, checkpoint), [...collected]);
    });
  }
}

function positionsOf(vertices: readonly JobVertex[], restored: readonly (readonly SubtaskState[])[]): ReadonlyMap<string, Portable> {
  const positions = new Map<string, Portable>();
  vertices.forEach(({ operators }, index) => {
    const head = operators[0]!;
    if (head.kind !== 'source') return;
    for (const state of restored[index]!) {
      for (const [splitId, position] of splitPositions(state.operator(head.operatorId))) positions.set(`${head.node} ${splitId}`, position);
    }
  });
  return positions;
}

const same = (found: unknown, wanted: unknown): boolean =>
  (found === undefined) === (wanted === undefined) &&
  (found === undefined || Buffer.compare(encodeValue(found), encodeValue(wanted)) === 0);
