import type { JobVertex } from '../graph/job-graph.ts';
import type { StateCount } from '../protocol/acknowledgement.ts';
import type { NewSegment, SegmentRef } from '../protocol/segment-ref.ts';
import type { StateDeclaration, StateHandle, ValueState } from '../stream/state.ts';
import type { FreezePolicy } from '../values/freeze-sample.ts';
import type { Key } from '../values/key.ts';
import type { Portable } from '../values/portable.ts';
import type { StateSchemas } from './state-schema.ts';

/**
 * The contract between state and runtime. One SubtaskState per (vertex, subtask) holds the state of all operators of the
 * chain: a parent known to be committed, and at most one attempt on top of it with an undo list.
 *
 * 1. Between `begin` and `snapshot`/`undo`, changes go to the attempt on top; every first change of an entry remembers
 *    what it was.
 * 2. `snapshot` encodes only dirty entries (and what compaction adds) and leaves the attempt on top, of unknown fate.
 * 3. `promote` makes the attempt on top the parent; `undo` takes it back whatever it was.
 */
export interface SubtaskState {
  /** What the copy in memory is, without the attempt on top. */
  readonly parent: CopyName;
  /** The attempt on top that has met its barrier, if any. */
  readonly top: CopyName | undefined;
  operator(operatorId: string): OperatorState;
  /** `stamp` is the epoch's processing time, by which time to live counts. */
  begin(stamp?: number): void;
  /** Takes back everything since the parent. */
  undo(): void;
  /** The bytes to store for the attempt on top, or nothing if nothing changed. */
  snapshot(of: { readonly checkpoint: number; readonly attempt: number; readonly nonce: string }): EncodedSegment | undefined;
  promote(): void;
  /**
   * Loads what the copy has not yet: all segments of a checkpoint into an empty copy, or those newer than `parent` into a
   * copy that is behind; in the order of the manifest. The copy is then `as`. No attempt may be at hand. After an error
   * the copy is of no use any more. `dealt`: the operator values of a restored subtask that has not stored its own yet, by
   * operator and name; only into an empty copy.
   */
  apply(segments: readonly LoadedSegment[], as: CopyName, dealt?: ReadonlyMap<string, ReadonlyMap<string, Portable>>): void;
  /** What there is of each named state, the attempt on top included; states without entries are left out. */
  counts(): readonly StateCount[];
  /** How many segments make up the copy at rest. */
  readonly segments: number;
  readonly entries: number;
  /** An estimate, from what entries took when they were last encoded. */
  readonly bytes: number;
}

export interface CopyName {
  readonly checkpoint: number;
  readonly attempt: number;
}

export interface LoadedSegment {
  /** Key groups that are not the subtask's, and operators that are not its vertex's, are ignored. */
  readonly ref: SegmentRef;
  readonly bytes: Uint8Array;
}

export interface EncodedSegment {
  readonly bytes: Uint8Array;
  readonly keyGroups: NewSegment['keyGroups'];
  readonly base: NewSegment['base'];
  readonly operatorState: boolean;
}

/** What a table's key is: of an operator's state by key, or by key and namespace. */
export interface KeyedState {
  /**
   * The handle of declared keyed state; always the current key's. Ask once for each state, before the first access.
   * STATE_KIND_CHANGED, here or from `apply`, if what was restored under the name is of another kind.
   */
  state<D extends StateDeclaration>(name: string, declaration: D): StateHandle<D>;
  /** One value per key without a declaration: what the engine keeps for itself. */
  valueState<T>(name: string): ValueState<T>;
  /** By event time. */
  readonly timers: TimerQueue;
  readonly processingTimers: TimerQueue;
}

/** State by key and namespace. A window is a namespace: all that is kept of it for a key. */
export interface NamespacedState extends KeyedState {
  /** All access that follows is for these two. `keyGroup` is the key's, or -1 to compute it. */
  setCurrent(key: Key, keyGroup: number, namespace: Key): void;
  readonly currentKey: Key;
  readonly currentNamespace: Key;
}

/** The state of one operator within a subtask. */
export interface OperatorState extends KeyedState {
  /** All keyed access that follows is for this key. `keyGroup` is what routing computed, or -1 to compute it if needed. */
  setCurrentKey(key: Key, keyGroup: number): void;
  readonly currentKey: Key;
  /** What the operator keeps by namespace besides, with a current key of its own. */
  readonly namespaced: NamespacedState;
  /** Operator state that is not by key: small, written whole when it changed. Split positions live here. */
  operatorValue(name: string): Portable | undefined;
  setOperatorValue(name: string, value: Portable): void;
}

/** Timers of one time domain: by (time, key) or (time, key, namespace), each once. Its changes are part of the delta. */
export interface TimerQueue {
  /** For the current key. */
  register(time: number): void;
  delete(time: number): void;
  /** Time of the earliest, or undefined. */
  readonly earliest: number | undefined;
  /** Takes the earliest timer if its time is at most `upTo`, sets the current key (and namespace) to its own, and gives its time; else undefined. Order: time, canonical key, namespace. */
  poll(upTo: number): number | undefined;
}

/** Where segments are kept: records up to a threshold, objects above it. */
export interface SegmentStore {
  write(
    of: {
      readonly jobId: string;
      readonly checkpoint: number;
      readonly attempt: number;
      readonly vertexId: string;
      readonly subtask: number;
      readonly nonce: string;
    },
    segment: EncodedSegment,
  ): Promise<NewSegment>;
  /** Checks length and checksum. A missing one is WeirError SEGMENT_MISSING. */
  read(ref: SegmentRef): Promise<Uint8Array>;
}

export interface SubtaskStateOptions {
  readonly vertex: JobVertex;
  readonly subtask: number;
  /** Which values are frozen, for tests and development. Default `none`. */
  readonly freeze?: FreezePolicy;
  /** What brings values that were stored under older schema versions up to date. Default: there are none. */
  readonly schemas?: StateSchemas;
  /** Default `limits.foreignRewriteBytesMax`. */
  readonly foreignRewriteBytesMax?: number;
  /** Default `limits.segmentsPerSubtaskSoftMax`. */
  readonly segmentsSoftMax?: number;
}
