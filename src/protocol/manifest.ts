import type { StateKind } from '../graph/job-graph.ts';
import type { Portable } from '../values/portable.ts';
import type { Committables, KeyKind } from './acknowledgement.ts';
import type { OperatorMapping, SegmentRef } from './segment-ref.ts';

/** What is written; version 1 is read too, see migrate-manifest.ts. */
export const manifestVersion = 2;

/** The list of a completed checkpoint: all state, and all that is to be committed outside. JSON at rest. */
export interface Manifest {
  readonly version: typeof manifestVersion;
  readonly jobId: string;
  readonly jobName: string;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly vertices: readonly ManifestVertex[];
}

export interface ManifestVertex {
  readonly vertexId: string;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly operators: readonly ManifestOperator[];
  /** Exactly one per subtask, in order. */
  readonly subtasks: readonly ManifestSubtask[];
  readonly enumerator?: ManifestEnumerator;
  /** Where a restore found operator state that is not by key, while a subtask still says `dealt`. */
  readonly operatorStates?: readonly RestoredOperatorState[];
}

export interface ManifestOperator {
  readonly operatorId: string;
  readonly uid?: string;
  /** The further id by which the job said that it takes over state; state is always stored under `operatorId`. */
  readonly uidHash?: string;
  readonly name: string;
  readonly stateful: boolean;
  /** What state the operator has under which name, over all subtasks. Left out in version 1: not known. */
  readonly states?: readonly ManifestState[];
  /** The declared type of its keys. */
  readonly keyType?: Portable;
}

/** One named state of an operator, as its subtasks last counted it. */
export interface ManifestState {
  readonly name: string;
  readonly kind: StateKind;
  readonly timeToLive?: true;
  /** As declared; 1 unless it says otherwise. */
  readonly schemaVersion?: number;
  /** Of its values, as declared. */
  readonly types?: Portable;
  /** Of keyed state: what kinds of keys were seen, sorted. */
  readonly keyKinds?: readonly KeyKind[];
  readonly entries: number;
  readonly bytes: number;
}

/** The operator state of one operator as of a restore: by old subtask, the segment that has it; null for none. */
export interface RestoredOperatorState {
  readonly operator: OperatorMapping;
  /** Each subtask has its own as before: the parallelism is the same, and nothing is given to all. */
  readonly own?: true;
  readonly from: readonly (SegmentRef | null)[];
}

export interface ManifestSubtask {
  readonly subtask: number;
  /** Of the acknowledgement that won. */
  readonly nonce: string;
  readonly segments: readonly SegmentRef[];
  readonly watermark: number | null;
  readonly idle: boolean;
  readonly endOfInput: boolean;
  readonly nextDueAt?: number;
  readonly committables: readonly Committables[];
  readonly stateEntries: number;
  readonly stateBytes: number;
  /** Its operator state is still where a restore found it (see the vertex), and dealt out when it is loaded. */
  readonly dealt?: true;
}

export interface ManifestEnumerator {
  readonly state: Portable;
  readonly done: boolean;
  readonly nextDueAt?: number;
}
