import type { StateKind } from '../graph/job-graph.ts';

/*
 * What becomes of everything that a snapshot holds when a job begins from it: plain data, which the command, the REST API
 * and the submission itself all go by.
 */

/** An operator as people know it. */
export interface PlannedOperator {
  readonly operatorId: string;
  readonly uid?: string | undefined;
  readonly name: string;
}

/** By what an operator of the job was found in the snapshot: `place` is an id made from the place in the graph. */
export type FoundBy = 'uid' | 'uidHash' | 'place';

export type PlanOutcome =
  /** Goes on with what the snapshot holds of it. */
  | 'restored'
  /** The snapshot does not know it: it begins empty. */
  | 'new'
  /** The job has none such: what the snapshot holds is left behind, which is refused unless it is nothing, or allowed. */
  | 'dropped'
  /** Nothing can make this fit: always refused. */
  | 'incompatible';

/** One named state of an operator. */
export interface StatePlan {
  readonly name: string;
  /** As the job declares it, else as the snapshot has it. */
  readonly kind: StateKind;
  readonly outcome: PlanOutcome;
  /** What the snapshot holds of it; missing: a snapshot of the first version does not say. */
  readonly entries?: number;
  readonly bytes?: number;
  /** Schema versions of the snapshot and the job, where the values are brought up to the newer one. */
  readonly migrated?: { readonly from: number; readonly to: number };
}

/** A number of the snapshot and of the job. */
export interface Change {
  readonly before: number;
  readonly now: number;
}

/** One operator, of the job or of the snapshot only. */
export interface OperatorPlan {
  /** As the job knows it; a dropped one as the snapshot does. */
  readonly operator: PlannedOperator;
  /** The job vertex that runs it; of a dropped one, the vertex that ran it. */
  readonly vertexId: string;
  readonly outcome: PlanOutcome;
  /** As the snapshot knows it. */
  readonly from?: PlannedOperator & { readonly by: FoundBy };
  readonly parallelism?: Change;
  /** `adopted`: the job sets none, so it takes the snapshot's. */
  readonly maxParallelism?: Change & { readonly adopted: boolean };
  readonly states: readonly StatePlan[];
}

/** What stands in the way, or what to mind. */
export interface PlanRemark {
  /** Stable, for programs: e.g. `max-parallelism-changed`. */
  readonly rule: PlanRule;
  /** Which operator and state, what was expected, what was found. Whole sentences. */
  readonly message: string;
  readonly advice: string;
  readonly operator?: PlannedOperator;
  readonly state?: string;
}

export type PlanRule =
  | 'operator-dropped'
  | 'state-dropped'
  | 'output-dropped'
  | 'taken-twice'
  | 'max-parallelism-changed'
  | 'max-parallelism-differs-in-chain'
  | 'parallelism-too-high'
  | 'state-kind-changed'
  | 'key-type-changed'
  | 'value-type-changed'
  | 'schema-version-older'
  | 'schema-version-without-migrate'
  | 'parallelism-fixed'
  | 'not-stored-yet'
  | 'other-operator-now'
  | 'no-uid';

export interface RestorePlan {
  /** `refused`: nothing was done, and nothing is to be done. */
  readonly kind: 'restorable' | 'refused';
  /** Of the snapshot. */
  readonly jobId: string;
  readonly jobName: string;
  readonly checkpoint: number;
  /** The job's operators in the order of its graph, then dropped ones in the order of the snapshot. */
  readonly operators: readonly OperatorPlan[];
  /** Empty if and only if it is restorable. */
  readonly refusals: readonly PlanRemark[];
  readonly warnings: readonly PlanRemark[];
  /** What is adopted from the snapshot, by vertex of the job. `build` is to be given it. */
  readonly maxParallelisms: { readonly [vertexId: string]: number };
}

export interface RestoreFlags {
  /** `-n`: what the job has no operator or state for is left behind. */
  readonly allowNonRestoredState: boolean;
  /** The output that the snapshot lists was published already: it needs no sink. Default: false. */
  readonly effectsDone?: boolean;
}
