import type { Portable } from '../values/portable.ts';
import type { Committables } from './acknowledgement.ts';
import type { SegmentRef } from './segment-ref.ts';

export const manifestVersion = 1;

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
  readonly operators: readonly { readonly operatorId: string; readonly uid?: string; readonly name: string; readonly stateful: boolean }[];
  /** Exactly one per subtask, in order. */
  readonly subtasks: readonly ManifestSubtask[];
  readonly enumerator?: ManifestEnumerator;
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
}

export interface ManifestEnumerator {
  readonly state: Portable;
  readonly done: boolean;
  readonly nextDueAt?: number;
}
