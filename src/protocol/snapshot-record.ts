import type { MetadataRef, SnapshotFormat } from './request.ts';

export type { RetentionPolicy } from '../graph/retention-policy.ts';

/** A savepoint or a retained checkpoint, as the deployment knows it. Changed by compare-and-set alone. */
export interface SnapshotRecord {
  /** Directory URI without a slash at its end: what users name it by. */
  readonly path: string;
  readonly kind: 'savepoint' | 'checkpoint';
  readonly format: SnapshotFormat;
  readonly jobId: string;
  readonly jobName: string;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly metadata: MetadataRef;
  readonly createdAt: number;
  /** When its checkpoint was begun: the processing time of its epoch. Left out by the first Weir. */
  readonly stamp?: number;
  /** Of the state, and of the metadata document itself. */
  readonly stateBytes: number;
  readonly stateEntries: number;
  readonly metadataBytes: number;
  /** Its committables are published: a restore need not repeat them. */
  readonly effectsDone: boolean;
  /** Taken with the final watermark: restoring gives results as if the input had ended. */
  readonly drained?: true;
  /** `deleted` is a tombstone: nothing late brings it back. */
  readonly state: 'live' | 'deleting' | 'deleted';
  /** The operation that deletes it, where it was one: asked again, it knows its own work. */
  readonly disposal?: string;
  /** Jobs that may still read from it; of a deleted one, those that took segments over from it. */
  readonly claims: readonly SnapshotClaim[];
}

export type ClaimMode = 'no_claim' | 'claim';

export interface SnapshotClaim {
  readonly jobId: string;
  readonly mode: ClaimMode;
  readonly at: number;
}

/** What a job was restored from, in its description. */
export interface RestoredFrom {
  readonly path: string;
  readonly checkpoint: number;
  readonly kind: 'savepoint' | 'checkpoint';
  readonly claimMode: ClaimMode;
  readonly allowNonRestoredState: boolean;
  readonly at: number;
}
