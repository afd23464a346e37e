import type { Portable } from '../values/portable.ts';
import type { StateBackend } from './job-description.ts';
import type { SavepointRetention } from './scheduled-savepoint.ts';

/** How a new version takes over from the old one. The names are those of the Flink Kubernetes operator, and `manual`. */
export type UpgradeMode = 'savepoint' | 'last-state' | 'stateless' | 'manual';

/** What a program is made of when it is published. */
export type ProgramSource =
  /** Functions of which versions are published, and workflows that are made for them: see ProgramPublisher. */
  | {
      readonly kind: 'functions';
      /** Of code and configuration together: the same digest means the same functions. */
      readonly codeDigest: string;
      /** ARNs without a version, by slot. */
      readonly slotFunctions: readonly string[];
      readonly coordinatorFunction: string;
      readonly workflowRole: string;
      /** Names of workflows begin so, with the hyphen at its end; at most `limits.workflowPrefixCharactersMax`. */
      readonly workflowPrefix: string;
      /** Of the workflow definitions: with them a program changes too. */
      readonly workflowDigest: string;
    }
  /** There already, by its id. */
  | { readonly kind: 'program'; readonly programId: string };

/** What a deployment is to run. */
export interface DeploymentTarget {
  readonly source: ProgramSource;
  readonly args: Portable;
  readonly parallelism?: number;
  readonly checkpointIntervalMs?: number;
  readonly stateBackend?: StateBackend;
  readonly mode: UpgradeMode;
  /** Flink's `-n`, for restores that the deployment plans. */
  readonly allowNonRestoredState: boolean;
  /** How long an upgrade may take before it is taken back; default `limits.upgradeMsDefault`. */
  readonly timeoutMs?: number;
  /** Where the very first job begins, instead of from nothing. */
  readonly initialSavepointPath?: string;
}

/** Savepoints by the clock. */
export interface SavepointSchedule extends SavepointRetention {
  /** As EventBridge Scheduler spells it: `cron(...)` or `rate(...)`. */
  readonly expression: string;
  /** IANA name; default UTC. */
  readonly timeZone?: string;
  /** Missing: the job's own, or the configured one. */
  readonly directory?: string;
}

/** Where the next job begins. */
export type StartPoint = { readonly kind: 'nothing' } | { readonly kind: 'snapshot'; readonly path: string };

/**
 * `settle` brings what an operation before left half-done to an end that can't change any more; then see docs/DEPLOYMENT.md.
 * Stages are entered in this order, but for `plan`, which `stop` goes back to when the job ended by itself.
 */
export type UpgradeStage = 'settle' | 'publish' | 'plan' | 'stop' | 'cancel' | 'start' | 'watch' | 'undo' | 'resume' | 'remove';

/** What an operation has asked of the job that ran before it. */
export interface AskedToEnd {
  readonly jobId: string;
  /** Of the savepoint that ends it; missing: it is cancelled. */
  readonly savepoint?: string;
}

/** The operation in flight. Names that it needs are derived from its id, so that a repeated step finds its own work. */
export interface DeploymentOperation {
  /** The request's. */
  readonly id: string;
  readonly kind: 'create' | 'update' | 'delete';
  /** The stack rolls back: what can't be done must not fail. */
  readonly goingBack: boolean;
  /** Of a deletion it is what ran last. */
  readonly target: DeploymentTarget;
  /** What the functions were when it began: see ProgramPublisher. */
  readonly fingerprint?: string;
  readonly stage: UpgradeStage;
  readonly begunAt: number;
  /** When the stage was entered: what its time limit goes by. */
  readonly stageAt: number;
  /** The target's program, once it is published. */
  readonly programId?: string;
  /** The job that ran before, whose program and arguments come back if the new ones don't work. */
  readonly old?: string;
  /** The job that is being ended, by this operation or by one that it took over from. */
  readonly ending?: AskedToEnd;
  /** Where the target's job begins, decided once the job before has come to its end. */
  readonly from?: StartPoint;
  /** Where the job before would begin again. Set: nothing runs, and something must before the operation ends. */
  readonly back?: StartPoint;
  /** The job that it begins, or brings back. */
  readonly job?: string;
  /** What went wrong, while the job of before is being brought back. */
  readonly failure?: string;
}

export interface OperationOutcome {
  readonly id: string;
  readonly kind: DeploymentOperation['kind'];
  readonly outcome: 'succeeded' | 'failed';
  /** One sentence, or a few: what became of it. */
  readonly words: string;
  readonly at: number;
  /** The job that runs now, if one does. */
  readonly jobId?: string;
  /** What stays of a job that was stopped. */
  readonly savepoint?: string;
}

/** A named place for jobs. Replaced only on condition of its revision. */
export interface DeploymentRecord {
  readonly name: string;
  /** Who declared it: a stack. Two can't have the same. */
  readonly owner: string;
  /** **The lease**: the job that holds the slots, or held them last. A job of this deployment exists only after it stands here. */
  readonly job?: string;
  readonly leasedAt?: number;
  /** Of the job, which may not have been written down yet. */
  readonly leasedProgram?: string;
  /** The program that the next job runs; missing before one was deployed with success. */
  readonly program?: string;
  readonly target?: DeploymentTarget;
  readonly schedule?: SavepointSchedule;
  readonly operation?: DeploymentOperation;
  readonly last?: OperationOutcome;
  /** Ids of operations of before, the latest last: what comes late under one of them is not begun again. */
  readonly past: readonly string[];
  /** Programs that were published, by id. */
  readonly programs: readonly string[];
  /** Those of them that are being taken away: none is begun from them, and none comes back before it is gone. */
  readonly retiring: readonly string[];
  /** ARNs of functions, without versions, that were ever a target's and are not deleted. */
  readonly functions: readonly string[];
  readonly deleted?: true;
}
