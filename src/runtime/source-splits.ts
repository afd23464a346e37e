import { WeirError } from '../base/errors.ts';
import type { EnumeratorAcknowledgement } from '../protocol/acknowledgement.ts';
import type { OperatorState } from '../state/index.ts';
import type { Source } from '../stream/source.ts';
import type { Portable } from '../values/portable.ts';

/** Where a source's operator state is, as the stream graph declares it. */
export const splitsStateName = '_splits';

export interface ActiveSplit {
  readonly splitId: string;
  readonly split: Portable;
  position: Portable;
  /** -Infinity while there is none. */
  watermark: number;
}

/** What a source subtask knows between epochs: its splits and how far they are read. Kept as operator state, as JSON. */
export class SourceSplits {
  /** No split will ever be added. */
  done: boolean;
  /** Splits ever assigned to this subtask, and to all: its share of what all may read together. */
  assigned: number;
  assignedToAll: number;
  /** Records that may be read at once, where a source is paced: earned with time, fractions included. */
  allowance: number;
  /** Of the subtask; -Infinity while there is none. */
  watermark: number;
  active: ActiveSplit[];

  private constructor(stored: StoredSplits) {
    this.done = stored.done;
    this.assigned = stored.assigned;
    this.assignedToAll = stored.assignedToAll;
    this.allowance = stored.allowance;
    this.watermark = stored.watermark ?? Number.NEGATIVE_INFINITY;
    this.active = stored.splits.map(({ splitId, split, position, watermark }) => ({
      splitId,
      split,
      position,
      watermark: watermark ?? Number.NEGATIVE_INFINITY,
    }));
  }

  static of(state: OperatorState): SourceSplits {
    const stored = state.operatorValue(splitsStateName) as StoredSplits | undefined;
    return new SourceSplits(stored ?? { done: false, assigned: 0, assignedToAll: 0, allowance: 0, watermark: null, splits: [] });
  }

  store(state: OperatorState): void {
    const stored: StoredSplits = {
      done: this.done,
      assigned: this.assigned,
      assignedToAll: this.assignedToAll,
      allowance: this.allowance,
      watermark: finite(this.watermark),
      splits: this.active.map(({ splitId, split, position, watermark }) => ({ splitId, split, position, watermark: finite(watermark) })),
    };
    state.setOperatorValue(splitsStateName, stored as unknown as Portable);
  }

  /** What a drain leaves: a restore goes on reading, and event time begins anew with what it reads. */
  forgetWatermarks(): void {
    this.watermark = Number.NEGATIVE_INFINITY;
    for (const split of this.active) split.watermark = Number.NEGATIVE_INFINITY;
  }

  /** Takes what the enumerator has assigned for this attempt. */
  assign(said: EnumeratorAcknowledgement, subtask: number, source: Source<unknown>): void {
    this.done = said.done;
    this.assignedToAll += said.assignments.length;
    for (const { subtask: target, splitId, split } of said.assignments) {
      if (target !== subtask) continue;
      if (this.active.some((each) => each.splitId === splitId)) throw assignedTwice(source.name, splitId);
      this.assigned++;
      this.active.push({ splitId, split, position: source.startOf(split), watermark: Number.NEGATIVE_INFINITY });
    }
    this.active.sort((a, b) => (a.splitId < b.splitId ? -1 : 1));
  }

  /** This subtask's part of what all subtasks of the source may do together, from 0 to 1. */
  get share(): number {
    return this.assignedToAll === 0 ? 0 : this.assigned / this.assignedToAll;
  }

  get ended(): boolean {
    return this.done && this.active.length === 0;
  }

  /** The lowest watermark of the active splits but `without`; Infinity if there is no other. */
  lowestWatermark(without?: ActiveSplit): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const split of this.active) if (split !== without && split.watermark < lowest) lowest = split.watermark;
    return lowest;
  }
}

export interface StoredSplits {
  readonly done: boolean;
  readonly assigned: number;
  readonly assignedToAll: number;
  readonly allowance: number;
  readonly watermark: number | null;
  readonly splits: readonly {
    readonly splitId: string;
    readonly split: Portable;
    readonly position: Portable;
    readonly watermark: number | null;
  }[];
}

const finite = (watermark: number): number | null => (watermark === Number.NEGATIVE_INFINITY ? null : watermark);

function assignedTwice(source: string, splitId: string): WeirError {
  return new WeirError({
    code: 'SPLIT_ASSIGNED_TWICE',
    domain: 'program',
    message: `Source "${source}" assigned split "${splitId}" to a subtask that is reading it already.`,
    advice: 'Give each split an id of its own, and assign it once.',
  });
}
