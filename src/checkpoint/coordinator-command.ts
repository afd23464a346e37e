import type { Json } from '../cloud/index.ts';
import type { CheckpointRef, LevelIndexRef, RunLevelCommand, SlotReply } from '../protocol/command.ts';
import type { FailureCause } from '../protocol/failure.ts';
import type { AbortReason } from '../protocol/transitions.ts';
import type { SlotGroup } from '../protocol/wide-job.ts';

/** What the workflows ask of the coordinator function. Everything here is plain JSON. */
export type CoordinatorCommand =
  | { readonly command: 'open'; readonly jobId: string; readonly generation: number }
  | InjectCommand
  | CompleteCommand
  | {
      readonly command: 'abort';
      readonly jobId: string;
      readonly generation: number /** 0: the caller does not know. */;
      readonly attempt: number;
      readonly reason: AbortReason | WorkflowError;
    }
  | { readonly command: 'effects'; readonly jobId: string; readonly generation: number }
  | { readonly command: 'park'; readonly jobId: string; readonly generation: number; readonly taskToken: string }
  | { readonly command: 'handOver'; readonly jobId: string; readonly generation: number }
  | SealCommand
  | SumUpCommand
  | {
      readonly command: 'plan';
      readonly args: Json;
      readonly parallelism?: number;
      /** As BuildOptions has it. */
      readonly maxParallelisms?: { readonly [vertexId: string]: number };
    };

/** What a Catch hands on: the workflow's own words for what went wrong. */
export interface WorkflowError {
  readonly kind: 'error';
  readonly error: { readonly Error?: string; readonly Cause?: string };
}

export interface InjectCommand {
  readonly command: 'inject';
  readonly jobId: string;
  readonly generation: number;
  /** The checkpoint workflow's execution, and how often it has injected. */
  readonly runId: string;
  readonly runStartedAt: string;
  readonly turn: number;
  /** Runs of the checkpoint workflow in this generation so far. */
  readonly runs: number;
  /** What Prepare slots said, judged at the first turn. */
  readonly prepared: readonly GroupReply[];
}

/** What the workflow puts in a slot's place when its call came to nothing. */
export interface SlotLost {
  readonly kind: 'lost';
  readonly slot: number;
  readonly error: { readonly Error?: string; readonly Cause?: string };
}

export interface CompleteCommand {
  readonly command: 'complete';
  readonly jobId: string;
  readonly generation: number;
  readonly checkpoint: number;
  readonly attempt: number;
  /** By level, by slot or group of slots. Of a level that was not called for want of its input, none. */
  readonly replies: readonly (readonly GroupReply[])[];
}

/** What a slot, or a group of slots, comes to. `well`: all of the group did what they were called for. */
export type GroupReply = SlotReply | SlotLost | { readonly kind: 'well' };

/** Writes the index of what a level is fed by. */
export interface SealCommand {
  readonly command: 'seal';
  readonly jobId: string;
  readonly level: number;
  readonly epoch: Pick<RunLevelCommand, 'jobId' | 'checkpoint' | 'attempt' | 'slots'>;
}

/** `missing`: not all have acknowledged, so there is nothing to run the level with. */
export type SealReply = { readonly kind: 'sealed'; readonly index: LevelIndexRef } | { readonly kind: 'missing' };

/** Picks the reply that counts, of a group of slots that did not all do well. */
export interface SumUpCommand {
  readonly command: 'sumUp';
  readonly jobId: string;
  readonly replies: readonly (SlotReply | SlotLost)[];
}

export interface SlotAddress {
  readonly slot: number;
  readonly functionArn: string;
}

/** How a run of the checkpoint workflow ends; the job workflow's Choice goes by `kind`. */
export type RunOutcome =
  /** Time for a fresh run; nothing is pending. */
  | { readonly kind: 'again'; readonly runs: number }
  /** Time for a fresh generation. */
  | { readonly kind: 'rotate' }
  | { readonly kind: 'idle'; readonly seconds: number }
  | { readonly kind: 'prepare' }
  | { readonly kind: 'restart'; readonly until: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'fenced' };

export type OpenReply =
  | {
      readonly kind: 'opened' | 'openedInGroups';
      /** One of the two is empty: slots are called one by one, or by groups. */
      readonly slots: readonly SlotAddress[];
      readonly groups: readonly SlotGroup[];
      readonly prepare: {
        readonly parent: CheckpointRef;
        readonly slots: number;
        readonly deadlineMs: number;
        readonly failureBytesMax: number;
      };
    }
  | { readonly kind: 'ended' | 'fenced' };

export type InjectReply =
  | { readonly kind: 'run'; readonly turn: number; readonly levels: readonly number[]; readonly epoch: EpochCommand }
  | {
      readonly kind: 'runInGroups';
      readonly turn: number;
      readonly levels: readonly { readonly level: number; readonly sealed: boolean }[];
      readonly epoch: EpochCommand;
    }
  /** Sleep within the run, then inject again. */
  | { readonly kind: 'wait'; readonly turn: number; readonly until: string }
  | { readonly kind: 'effects'; readonly turn: number }
  | { readonly kind: 'failed'; readonly turn: number /** 0: none was given out. */; readonly attempt: number; readonly reason: AbortReason }
  | { readonly kind: 'end'; readonly outcome: RunOutcome };

/** What a slot's command of an epoch has in common over slots and levels: a RunLevelCommand without these two. */
export type EpochCommand = Json & { readonly checkpoint: number; readonly attempt: number };

export type CompleteReply =
  | { readonly kind: 'committed'; readonly effects: boolean }
  | { readonly kind: 'incomplete'; readonly reason: AbortReason }
  /** Nobody failed, but nothing comes of the attempt: look at the effects, then go on. */
  | { readonly kind: 'takenBack' }
  | { readonly kind: 'fenced' };

/** Abort always ends the run: what follows is the job workflow's to do. */
export interface AbortReply {
  readonly outcome: RunOutcome;
}

export type EffectsReply = { readonly kind: 'clear' } | { readonly kind: 'failed'; readonly failure: FailureCause };
