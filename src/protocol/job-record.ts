import type { BatchBound, CheckpointRef } from './command.ts';
import type { FailureCause } from './failure.ts';
import type { Answer, JobRequest } from './request.ts';

export const protocolVersion = 1;

/** Flink's job statuses, as far as a record can have them. */
export type RecordedStatus = 'CREATED' | 'RUNNING' | 'RESTARTING' | 'FINISHED' | 'CANCELED' | 'FAILED';

export const isTerminal = (status: RecordedStatus): boolean => status === 'FINISHED' || status === 'CANCELED' || status === 'FAILED';

/** The attempt in flight: written by Inject barrier, cleared by Complete or Abort. */
export interface PendingCheckpoint {
  readonly checkpoint: number;
  readonly attempt: number;
  /** Who injected it: the run of the checkpoint workflow and its turn. The same again is a retry of the same call. */
  readonly injectedBy: string;
  readonly injectedAt: number;
  /** Ids of the requests it answers, if it completes: the head of the queue as it was then. */
  readonly requests: readonly string[];
  /** The job's last epoch: sources read nothing, event time comes to its end. */
  readonly drain?: true;
  /** Source vertices whose split enumerator runs for this attempt. */
  readonly enumerated: readonly string[];
  readonly storeHandover: boolean;
}

export interface CheckpointStatistics {
  readonly completedAt: number;
  readonly durationMs: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly skipped: number;
  /** What this checkpoint wrote. */
  readonly checkpointBytes: number;
  readonly stateBytes: number;
  readonly stateEntries: number;
}

/** Sums over the job's whole life, up to the latest checkpoint. */
export interface JobTotals {
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly skipped: number;
  readonly checkpointsCompleted: number;
  readonly checkpointsFailed: number;
  readonly restarts: number;
}

/**
 * What was decided but perhaps not yet done or told: it is carried out in the order of these fields, each step idempotent,
 * and then the mark is cleared. What is decided meanwhile adds to it. Nothing is committed while it is set.
 */
export interface EffectsMark {
  /** Never used twice in a job's life; a mark is cleared only by whoever has seen this very one. */
  readonly sequence: number;
  /** Always the latest checkpoint. */
  readonly checkpoint: number;
  readonly attempt: number;
  /** Its manifest lists committables that are to be published. */
  readonly publish: boolean;
  /** Requests to be answered; savepoints among them get their snapshot records. */
  readonly answers: readonly Answer[];
  /** The job has ended: its checkpoints are retained or deleted. */
  readonly ended?: true;
  /** Nothing of the snapshot that the job was restored from is needed any more. */
  readonly releaseClaim?: true;
  /** The attempt that was taken back because a request's savepoint could not be written. */
  readonly takenBack?: number;
}

export interface JobRecord {
  readonly protocolVersion: number;
  readonly jobId: string;
  readonly name: string;
  readonly status: RecordedStatus;
  readonly submittedAt: number;
  readonly statusAt: number;
  /** Number of the driver's execution; a higher one fences all lower ones off. 0: none was started yet. */
  readonly generation: number;
  /** The highest attempt number given out over the job's life. */
  readonly attempt: number;
  readonly pending?: PendingCheckpoint;
  /** Processing time of the latest epoch injected; never lower than the one before. */
  readonly stamp: number;
  /** **The commit point**: what is named here has happened, what is not has not. */
  readonly latest: CheckpointRef;
  readonly latestStamp: number;
  readonly statistics?: CheckpointStatistics;
  readonly totals: JobTotals;
  /** The completed checkpoint at which accumulators changed last: names the record of what they had come to. */
  readonly accumulators?: { readonly checkpoint: number; readonly attempt: number };
  /** Completed checkpoints before the latest that are kept, oldest first: one less than the retention policy keeps. */
  readonly retained: readonly CheckpointRef[];
  /** The highest checkpoint that a savepoint was taken at; 0: none. Segments up to it may be needed after they are retired. */
  readonly pinnedUpTo: number;
  /** The latest manifest refers to segments of what the job was restored from, which are not its own. */
  readonly foreign?: true;
  /** The job holds a claim on what it was restored from; the first commit that is not `foreign` releases it. */
  readonly claims?: true;
  /** Its checkpoints stay when it ends, whatever its retention policy says. */
  readonly retain?: true;
  readonly effects?: EffectsMark;
  /** Of the last effects mark; 0: there was none yet. */
  readonly effectsSequence: number;
  readonly batch: BatchBound;
  /** After the latest epoch: a source has more to read at once. */
  readonly backlog: boolean;
  /** Processing time at which there is something to do although nothing was asked; missing: nothing is due. */
  readonly nextDueAt?: number;
  /** Processing time at which a split enumerator wants to look again; 0: all of them, at once. Missing: none ever. */
  readonly enumeratorsDueAt?: number;
  /** Epochs in a row in which no source found anything: what the back-off of polls goes by. */
  readonly emptyEpochs: number;
  /** Failed attempts since the last completed checkpoint, and the last one's cause. */
  readonly failures: number;
  readonly failedAt: number;
  readonly cause?: FailureCause;
  /** When the restart strategy lets the next attempt begin; 0: at once. */
  readonly restartAt: number;
  /** An earlier attempt lost a hand-over in memory: the next ones store it, until a checkpoint completes. */
  readonly storeHandover: boolean;
  /** Generations in a row without a completed checkpoint. */
  readonly fruitlessGenerations: number;
  /** What the sleeping driver waits on. */
  readonly wakeToken?: string;
  /** Requests in the order they came in, until a commit or the job's end answers them; at most `limits.pendingRequestsMax`. */
  readonly requests: readonly JobRequest[];
  /** Ids of requests that were taken back: such a one is refused if it comes late. */
  readonly withdrawn?: readonly string[];
}

/** Whether the job still runs, or has ended but not yet done what its end made inevitable: then it needs a driver. */
export const isAlive = (record: JobRecord): boolean => !isTerminal(record.status) || record.effects !== undefined;
