import { messageOf } from '../../base/errors.ts';
import type { ChainedOperator, JobVertex } from '../../graph/job-graph.ts';
import { subtaskOfKeyGroup } from '../../graph/key-groups.ts';
import type { Manifest, ManifestSubtask } from '../../protocol/manifest.ts';
import { restoreSubtaskState, type SubtaskState } from '../../state/index.ts';
import type { BuiltJob } from '../../stream/build-job.ts';
import type { MapStateDeclaration, StateDeclaration } from '../../stream/state.ts';
import { type CanonicalKey, canonicalKey, compareCanonicalKeys } from '../../values/canonical-key.ts';
import type { Key } from '../../values/key.ts';
import { keyGroupOf } from '../../values/key-hash.ts';
import type { Portable } from '../../values/portable.ts';
import { encodeValue } from '../../values/serializer.ts';
import type { ReferenceRun } from '../reference.ts';
import type { SimulatedObjects } from '../simulated-object-store.ts';
import type { SimulatedRecords } from '../simulated-record-store.ts';
import { timersOf } from './compared-state.ts';
import { type KeyedCopy, type KeyedPart, keyedParts } from './keyed-parts.ts';
import { peekSegment } from './peek-segment.ts';
import type { Violations } from './violations.ts';

export interface StateCheckerOptions {
  readonly violations: Violations;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  readonly job: BuiltJob;
  readonly reference: ReferenceRun;
  /** How far a source subtask has read its splits, from its operator state. */
  readonly positionsOf: (source: ReturnType<SubtaskState['operator']>) => ReadonlyMap<string, Portable>;
}

/**
 * Invariant 3: restores the state of every checkpoint as a cold slot would, and compares it with that of the reference
 * run, stopped at the positions that the checkpoint's sources have reached. For jobs whose state does not depend on the
 * order between splits.
 */
export class StateChecker {
  readonly #options: StateCheckerOptions;

  constructor(options: StateCheckerOptions) {
    this.#options = options;
  }

  onCommitted(manifest: Manifest, drained: boolean): void {
    const { job, reference, violations } = this.#options;
    try {
      const restored = job.jobGraph.vertices.map((vertex, index) =>
        manifest.vertices[index]!.subtasks.map((subtask) => this.#restore(vertex, subtask, manifest)),
      );
      const positions = this.#positions(restored);
      // A job that is drained at once has never asked for its splits.
      const begun = manifest.vertices.some(({ enumerator }) => enumerator !== undefined);
      if (begun) reference.runTo((node, splitId) => positions.get(`${node} ${splitId}`), manifest.stamp);
      if (drained) reference.drain();
      job.jobGraph.vertices.forEach((vertex, index) => {
        restored[index]!.forEach((state, subtask) => this.#compare(vertex, subtask, state, manifest.checkpoint));
      });
    } catch (error) {
      violations.add(3, `the state of checkpoint ${manifest.checkpoint} can't be compared: ${messageOf(error)}`);
    }
  }

  #restore(vertex: JobVertex, subtask: ManifestSubtask, manifest: Manifest): SubtaskState {
    const loaded = subtask.segments.map((ref) => ({
      ref,
      bytes: peekSegment(ref.at, this.#options)!,
    }));
    return restoreSubtaskState({ vertex, subtask: subtask.subtask }, loaded, {
      checkpoint: manifest.checkpoint,
      attempt: manifest.attempt,
    });
  }

  #positions(restored: readonly (readonly SubtaskState[])[]): ReadonlyMap<string, Portable> {
    const positions = new Map<string, Portable>();
    this.#options.job.jobGraph.vertices.forEach((vertex, index) => {
      const head = vertex.operators[0]!;
      if (head.kind !== 'source') return;
      for (const state of restored[index]!) {
        for (const [splitId, position] of this.#options.positionsOf(state.operator(head.operatorId)))
          positions.set(`${head.node} ${splitId}`, position);
      }
    });
    return positions;
  }

  #compare(vertex: JobVertex, subtask: number, state: SubtaskState, checkpoint: number): void {
    let entries = 0;
    for (const operator of vertex.operators) entries += this.#compareOperator(vertex, subtask, operator, state, checkpoint);
    const where = `${vertex.name} subtask ${subtask} at checkpoint ${checkpoint}`;
    this.#options.violations.expect(
      state.entries === entries,
      3,
      () => `the state of ${where} has ${state.entries} entries instead of ${entries}`,
    );
  }

  /** Gives how many entries the operator should have in this subtask. */
  #compareOperator(vertex: JobVertex, subtask: number, operator: ChainedOperator, state: SubtaskState, checkpoint: number): number {
    const { reference, violations } = this.#options;
    const expected = reference.stateOf(operator.node);
    if (expected === undefined) return 0;
    const isHere = (key: Key) =>
      subtaskOfKeyGroup(keyGroupOf(key, vertex.maxParallelism), vertex.parallelism, vertex.maxParallelism) === subtask;
    const where = `of ${operator.uid ?? operator.name} subtask ${subtask} at checkpoint ${checkpoint}`;
    const copy = state.operator(operator.operatorId);
    let entries = 0;
    for (const part of keyedParts(copy, expected)) entries += this.#compareKeyed(part, isHere, where, state);
    for (const [name, wanted] of expected.broadcast) {
      const found = copy.operatorValue(`broadcast:${name}`) ?? [];
      violations.expect(
        sameValue(byCanonicalKey(found), byCanonicalKey(wanted)),
        3,
        () => `broadcast state ${name} ${where} is ${show(found)} instead of ${show(wanted)}`,
      );
    }
    return entries;
  }

  #compareKeyed(part: KeyedPart, isHere: (key: Key) => boolean, where: string, state: SubtaskState): number {
    const { violations } = this.#options;
    let entries = 0;
    for (const [name, { declaration, byKey }] of part.values) {
      for (const { key, value } of byKey.values()) {
        if (!isHere(key)) continue;
        part.copy.at(key);
        const { wanted, found, count } = sides(part.copy, name, declaration, value);
        entries += count;
        violations.expect(
          sameValue(found, wanted),
          3,
          () => `state ${name} ${where} for key ${show(key)} is ${show(found)} instead of ${show(wanted)}`,
        );
      }
    }
    for (const domain of ['timers', 'processingTimers'] as const) {
      const timers = part[domain].filter((timer) => isHere(timer.key));
      state.begin();
      const { found, wanted } = timersOf({ ...part, [domain]: timers }, domain);
      state.undo();
      violations.expect(found === wanted, 3, () => `the ${domain} ${where} are ${found} instead of ${wanted}`);
      entries += timers.length;
    }
    return entries;
  }
}

/** What a key's state is and should be, as values to compare, and how many entries it counts for. */
function sides(
  operator: KeyedCopy,
  name: string,
  declaration: StateDeclaration | undefined,
  value: unknown,
): { readonly wanted: unknown; readonly found: unknown; readonly count: number } {
  if (declaration?.kind === 'list') {
    return { wanted: value, found: operator.state(name, declaration).get(), count: (value as readonly unknown[]).length };
  }
  if (declaration?.kind === 'map') {
    const wanted = [...(value as ReadonlyMap<CanonicalKey, unknown>).values()];
    return { wanted, found: [...operator.state(name, declaration as MapStateDeclaration<Key, unknown>).entries()], count: wanted.length };
  }
  // Of a reduction the value, of an aggregation the accumulator.
  return { wanted: value, found: operator.valueState(name).value(), count: 1 };
}

/** Each subtask may have met broadcast elements of several senders in another order. */
const byCanonicalKey = (entries: unknown): readonly unknown[] =>
  (entries as readonly (readonly [Key, unknown])[]).toSorted(([a], [b]) => compareCanonicalKeys(canonicalKey(a), canonicalKey(b)));

const sameValue = (found: unknown, expected: unknown): boolean =>
  found !== undefined && Buffer.compare(encodeValue(found), encodeValue(expected)) === 0;

const show = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : (JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? String(value));
