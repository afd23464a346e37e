import type { StateKind } from '../graph/job-graph.ts';
import type { Portable } from '../values/portable.ts';
import type { NewSegment } from './segment-ref.ts';

/** The bytes of one edge for one target subtask. */
export interface OutputSlice {
  readonly edge: number;
  readonly target: number;
  /** Into the subtask's one exchange object, or into the acknowledgement's inline bytes. */
  readonly offset: number;
  readonly length: number;
}

/** Where a subtask's output for the next levels is. Empty slices are not listed. */
export interface OutputRef {
  readonly at: { readonly kind: 'inline'; readonly bytes: Uint8Array } | { readonly kind: 'object'; readonly uri: string };
  readonly checksum: string;
  /** `OutputSlice`s, packed: a thousand targets would not fit into a record otherwise. */
  readonly slices: Uint8Array;
}

export interface Committables {
  readonly operatorId: string;
  readonly items: readonly Portable[];
}

export interface SubtaskCounts {
  readonly recordsIn: number;
  /** Emitted to other vertices, and written to sinks. */
  readonly recordsOut: number;
  readonly bytesIn: number;
  /** Malformed records that the job chose to skip. */
  readonly skipped: number;
  /** Keyed entries held after the epoch, and what their latest encoding took, as an estimate of state size. */
  readonly stateEntries: number;
  readonly stateBytes: number;
  readonly segmentBytes: number;
  readonly durationMs: number;
}

export type KeyKind = 'string' | 'number' | 'boolean' | 'bigint' | 'tuple' | 'object';

/** What a subtask holds of one named state after the epoch. */
export interface StateCount {
  /** Position of the operator in its chain. */
  readonly operator: number;
  readonly name: string;
  /** As it is stored: `value` is also what reducing and aggregating state is stored as. */
  readonly kind: Exclude<StateKind, 'reducing' | 'aggregating'>;
  readonly entries: number;
  readonly bytes: number;
  /** Of keyed state: the kinds of keys seen since it was loaded, sorted. */
  readonly keyKinds?: readonly KeyKind[];
}

/** What a subtask says when it has met the barrier. Put once per attempt: the first one counts, whoever wrote it. */
export interface Acknowledgement {
  readonly vertexId: string;
  readonly subtask: number;
  readonly checkpoint: number;
  readonly attempt: number;
  /** Of the invocation that wrote it. */
  readonly nonce: string;
  readonly segment?: NewSegment;
  readonly output?: OutputRef;
  /** Some output waits in the memory of the invocation `nonce` instead, for subtasks of the same slot. */
  readonly handover: boolean;
  readonly committables: readonly Committables[];
  /** After the epoch; null while there was none yet. Number.MAX_SAFE_INTEGER is the end of event time. */
  readonly watermark: number | null;
  /** No watermark of this subtask is to be waited for. */
  readonly idle: boolean;
  readonly endOfInput: boolean;
  /** What its functions added to accumulators in this epoch: `NamedAccumulator[]` as JSON. Left out: none is registered. */
  readonly accumulators?: string;
  /** A source knows of more to read at once. */
  readonly backlog: boolean;
  /** Processing time at which there is something to do without new input: a timer, a poll. */
  readonly nextDueAt?: number;
  readonly counts: SubtaskCounts;
  /** What it holds by name; state that the engine keeps beside that of operators is not listed. Left out by the first Weir. */
  readonly states?: readonly StateCount[];
}

/** What a source's split enumerator says, in the same place. */
export interface EnumeratorAcknowledgement {
  readonly vertexId: string;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly nonce: string;
  readonly state: Portable;
  readonly assignments: readonly SplitAssignment[];
  /** No split will ever be added. */
  readonly done: boolean;
  readonly nextDueAt?: number;
}

export interface SplitAssignment {
  readonly subtask: number;
  readonly splitId: string;
  readonly split: Portable;
}
