import type { FailureCause } from './failure.ts';

/** Native: the manifest of a checkpoint, pinned. Canonical: self-contained, may be moved. Flink's words. */
export type SnapshotFormat = 'native' | 'canonical';

/** What somebody asked of a job that a barrier answers. It waits in the job record until a commit, or the job's end, answers it. */
export interface JobRequest {
  /** 32 hex digits; also the id of its operation. */
  readonly id: string;
  /** `cancel` and `stop` end the job with the commit that holds their savepoint: CANCELED and FINISHED. */
  readonly kind: 'savepoint' | 'cancel' | 'stop' | 'checkpoint';
  /** Where the savepoint goes: a URI without a slash at its end. Missing for `checkpoint`. */
  readonly directory?: string;
  readonly format?: SnapshotFormat;
  /** Of `stop`: the final watermark first. */
  readonly drain?: true;
}

/** A document of a savepoint or checkpoint at rest. */
export interface MetadataRef {
  readonly uri: string;
  readonly checksum: string;
  /** The checksum of what is just about to take its place: the same in a newer version. Either may stand there. */
  readonly migratingTo?: string;
}

export type RequestOutcome =
  /** Written and committed; `path` is the savepoint's directory. */
  | { readonly kind: 'savepoint'; readonly path: string; readonly metadata: MetadataRef }
  | { readonly kind: 'checkpoint'; readonly checkpoint: number }
  | { readonly kind: 'failed'; readonly failure: FailureCause };

/** A request that is decided, but perhaps not yet told to anybody: part of the effects mark. */
export interface Answer {
  readonly request: JobRequest;
  readonly outcome: RequestOutcome;
}

/** Requests that ask for the same share one savepoint. */
export const asksTheSame = (a: JobRequest, b: JobRequest): boolean =>
  a.kind === b.kind && a.directory === b.directory && a.format === b.format && a.drain === b.drain;
