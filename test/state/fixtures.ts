import { checksumOf } from '../../src/base/bytes.ts';
import type { Random } from '../../src/base/random.ts';
import type { VertexId } from '../../src/graph/ids.ts';
import type { JobVertex } from '../../src/graph/job-graph.ts';
import { advanceSegments, type NewSegment, type SegmentRef } from '../../src/protocol/segment-ref.ts';
import type { CopyName, EncodedSegment, LoadedSegment, SubtaskState, SubtaskStateOptions } from '../../src/state/index.ts';
import { createSubtaskState, missedSegments, restoreSubtaskState } from '../../src/state/index.ts';
import type { FreezePolicy } from '../../src/values/freeze-sample.ts';
import type { Key } from '../../src/values/key.ts';

export const operatorA = 'a'.repeat(32) as VertexId;
export const operatorB = 'b'.repeat(32) as VertexId;

/** A chain of two keyed operators, with the uids "first" and "second". */
export function vertexOf(parallelism: number, maxParallelism: number): JobVertex {
  const operator = (node: number, operatorId: VertexId, uid: string) =>
    ({
      node,
      operatorId,
      kind: 'keyedProcess',
      name: `${uid} name`,
      uid,
      uidHash: undefined,
      stateful: true,
      input: node === 0 ? undefined : node - 1,
    }) as const;
  return {
    vertexId: operatorA,
    name: 'first -> second',
    parallelism,
    maxParallelism,
    maxParallelismExplicit: false,
    level: 1,
    operators: [operator(0, operatorA, 'first'), operator(1, operatorB, 'second')],
  };
}

/** Any of the policies, by chance. */
export function freezing(random: Random): FreezePolicy {
  const choice = random.fraction();
  return choice < 0.4 ? 'all' : choice < 0.6 ? 'sample' : 'none';
}

/** Segments as stored, and the list of a manifest, kept by the rule that the protocol keeps it by. */
export class SegmentShelf {
  readonly #stored = new Map<string, Uint8Array>();
  refs: readonly SegmentRef[] = [];

  put(segment: EncodedSegment, checkpoint: number, attempt: number): NewSegment {
    const uri = `file:///${checkpoint}-${attempt}`;
    this.#stored.set(uri, segment.bytes.slice());
    const { bytes, keyGroups, base, operatorState } = segment;
    return {
      at: { kind: 'object', uri },
      checkpoint,
      bytes: bytes.byteLength,
      checksum: checksumOf(bytes),
      keyGroups,
      base,
      operatorState,
    };
  }

  commit(segment: NewSegment | undefined): void {
    this.refs = advanceSegments(this.refs, segment);
  }

  load(refs: readonly SegmentRef[] = this.refs): readonly LoadedSegment[] {
    return refs.map((ref) => ({ ref, bytes: this.#stored.get(ref.at.kind === 'object' ? ref.at.uri : '')! }));
  }

  restore(options: SubtaskStateOptions, as: CopyName): SubtaskState {
    return restoreSubtaskState(options, this.load(), as);
  }

  catchUp(state: SubtaskState, as: CopyName): void {
    state.apply(this.load(missedSegments(state.parent, this.refs)), as);
  }
}

/** A state and where its segments go, for tests in which every attempt commits. */
export class CommittedState {
  readonly shelf = new SegmentShelf();
  readonly state: SubtaskState;
  readonly options: SubtaskStateOptions;
  checkpoint = 0;

  constructor(options: SubtaskStateOptions) {
    this.options = options;
    this.state = createSubtaskState(options);
  }

  /** One epoch that commits; gives what it wrote. */
  epoch(change: (state: SubtaskState) => void): EncodedSegment | undefined {
    this.checkpoint++;
    this.state.begin();
    change(this.state);
    const segment = this.state.snapshot({ checkpoint: this.checkpoint, attempt: this.checkpoint, nonce: 'n' });
    this.shelf.commit(segment && this.shelf.put(segment, this.checkpoint, this.checkpoint));
    this.state.promote();
    return segment;
  }

  restored(): SubtaskState {
    return this.shelf.restore(this.options, { checkpoint: this.checkpoint, attempt: this.checkpoint });
  }
}

/** Everything that can be read of these keys, times and names, without a trace. */
export function contentOf(
  state: SubtaskState,
  keys: readonly Key[],
  names: readonly string[],
  operators: readonly string[] = [operatorA, operatorB],
): unknown {
  const content = operators.map((operatorId) => {
    const operator = state.operator(operatorId);
    const values = keys.map((key) => {
      operator.setCurrentKey(key, -1);
      return names.map((name) => operator.valueState(name).value());
    });
    return {
      values,
      operatorValues: ['positions', 'watermarks'].map((name) => operator.operatorValue(name)),
      timers: timersOf(state, operatorId),
    };
  });
  return { content, entries: state.entries, bytes: state.bytes, segments: state.segments };
}

/** All timers in firing order: polled in an attempt that is taken back. Only for a copy without an attempt at hand. */
function timersOf(state: SubtaskState, operatorId: string): unknown[] {
  const fired: unknown[] = [];
  state.begin();
  const { timers } = state.operator(operatorId);
  for (let time = timers.poll(Infinity); time !== undefined; time = timers.poll(Infinity))
    fired.push([time, state.operator(operatorId).currentKey]);
  state.undo();
  return fired;
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.fraction() * list.length)]!;
