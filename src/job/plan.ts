import type { JobGraph } from '../graph/job-graph.ts';
import type { RestartStrategy } from '../protocol/job-description.ts';
import type { RetentionPolicy } from '../protocol/snapshot-record.ts';
import type { Portable } from '../values/portable.ts';

/** What a program says it would run with these arguments: the reply of its coordinator function to `plan`. */
export interface ProgramPlan {
  readonly jobName: string;
  /** As the program's schema read them; given to `build` again in every cold start. */
  readonly args: Portable;
  readonly parallelism: number;
  readonly graph: JobGraph;
  readonly graphDigest: string;
  readonly warnings: readonly string[];
  readonly checkpointIntervalMs?: number;
  readonly restartStrategy?: RestartStrategy;
  readonly retention?: Partial<RetentionPolicy>;
  readonly savepointDirectory?: string;
}

export type PlanReply =
  | { readonly kind: 'plan'; readonly plan: ProgramPlan }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly advice?: string };
