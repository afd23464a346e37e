import type { FailureCause } from './failure.ts';

/** What workflows hand to functions and get back. Plain JSON: ids, bounds and outcomes, never data. */

/** A completed checkpoint, as commands name it. Checkpoint 0 is the empty beginning, without a manifest. */
export interface CheckpointRef {
  readonly checkpoint: number;
  readonly attempt: number;
  readonly manifest?: { readonly uri: string; readonly checksum: string };
}

export interface BatchBound {
  readonly records: number;
  readonly bytes: number;
}

/** Loads a slot's state as of `parent`, whatever it takes. */
export interface PrepareCommand {
  readonly command: 'prepare';
  readonly jobId: string;
  readonly generation: number;
  readonly slot: number;
  readonly slots: number;
  readonly parent: CheckpointRef;
  /** The slot gives up by itself so many milliseconds after it was called. */
  readonly deadlineMs: number;
  /** What a failure may take in the reply, as JSON. */
  readonly failureBytesMax: number;
}

/** Runs the slot's subtasks of one level for one attempt. */
export interface RunLevelCommand {
  readonly command: 'run';
  readonly jobId: string;
  readonly generation: number;
  readonly slot: number;
  readonly slots: number;
  readonly level: number;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly parent: CheckpointRef;
  /** The epoch's processing time: every subtask sees it, every replay sees it again. */
  readonly stamp: number;
  /** The stamp of the epoch before, 0 before the first. */
  readonly parentStamp: number;
  /** What all subtasks of one source may read together. */
  readonly batch: BatchBound;
  /** Source vertices whose enumerator ran for this attempt: its acknowledgement lists the splits it assigned. */
  readonly assigned: readonly string[];
  /** Hand-over within a slot goes through storage: an earlier attempt lost its memory half-way. */
  readonly storeHandover: boolean;
  /** The job's last epoch: sources read nothing, event time comes to its end, and no watermark is kept. */
  readonly drain?: true;
  readonly deadlineMs: number;
  /** What a failure may take in the reply, as JSON. */
  readonly failureBytesMax: number;
  /** Of a sealed level: where it stands what its upstream subtasks acknowledged. Without it, slots read the acknowledgements. */
  readonly index?: LevelIndexRef;
}

/** An index of what a level is fed by: one object, written when all upstream subtasks had acknowledged. */
export interface LevelIndexRef {
  readonly uri: string;
  /** Of its beginning, which all slots read. */
  readonly headBytes: number;
  readonly headChecksum: string;
}

export type SlotCommand = PrepareCommand | RunLevelCommand;

export type SlotReply =
  | { readonly kind: 'prepared'; readonly slot: number }
  | { readonly kind: 'acknowledged'; readonly slot: number; readonly level: number }
  /** The slot has not the parent's state and can't load it within its budget: Prepare first. */
  | { readonly kind: 'notReady'; readonly slot: number }
  | { readonly kind: 'failed'; readonly slot: number; readonly failure: FailureCause }
  /** What a subtask was to hand over to its own slot is gone with its environment. */
  | { readonly kind: 'handoverLost'; readonly slot: number };
