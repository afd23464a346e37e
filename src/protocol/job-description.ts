import type { JobGraph } from '../graph/job-graph.ts';
import type { RestartStrategy } from '../graph/restart-strategy.ts';
import type { Portable } from '../values/portable.ts';
import type { RestoredFrom, RetentionPolicy } from './snapshot-record.ts';

export type { RestartStrategy } from '../graph/restart-strategy.ts';

export const defaultRestartStrategy: RestartStrategy = {
  kind: 'exponential-delay',
  initialBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  multiplier: 1.5,
  resetThresholdMs: 3_600_000,
  attemptsMax: 60,
};

export type StateBackend = 'memory' | 'dynamodb' | 'filesystem';

/** What runs a job: published versions of functions and workflows. Never changes. */
export interface ProgramRef {
  readonly programId: string;
  /** By slot: slot i runs on `slotFunctions[i]`. */
  readonly slotFunctions: readonly string[];
  readonly coordinatorFunction: string;
  readonly jobWorkflow: string;
  readonly checkpointWorkflow: string;
  /** Calls a group of slots, for jobs that have many; left out of programs that were deployed before there was one. */
  readonly groupWorkflow?: string;
}

/** A program as it is stored: what runs it, what it is called, and whose slots its jobs take. */
export interface ProgramRecord extends ProgramRef {
  readonly name: string;
  readonly createdAt: number;
  /** Its jobs need the lease of this deployment. */
  readonly deployment?: string;
  /** Its functions and workflows are gone. */
  readonly retired?: true;
}

/** What a job is; written once at submission, before its record, and never changed. */
export interface JobDescription {
  readonly jobId: string;
  readonly name: string;
  readonly program: ProgramRef;
  readonly args: Portable;
  /** Default parallelism that `build` was given. */
  readonly parallelism: number;
  readonly slots: number;
  /** The deployment's state directory, e.g. `s3://bucket/weir`; no slash at the end. */
  readonly stateRoot: string;
  readonly checkpointIntervalMs: number;
  readonly restartStrategy: RestartStrategy;
  readonly stateBackend: StateBackend;
  readonly segmentInlineBytes: number;
  /** What the program builds from these arguments; functions that have no program read it here. */
  readonly graph: JobGraph;
  /** Of the job graph as JSON: a cold start that builds another graph fails by name instead of mixing up state. */
  readonly graphDigest: string;
  readonly submittedAt: number;
  /** Where savepoints go that name no directory; a URI without a slash at its end. Flink's state.savepoints.dir, of the job. */
  readonly savepointDirectory?: string;
  readonly retention?: RetentionPolicy;
  readonly restored?: RestoredFrom;
  /** Max parallelism that was adopted from what the job was restored from, by vertex; `build` is given it again. */
  readonly maxParallelisms?: { readonly [vertexId: string]: number };
}
