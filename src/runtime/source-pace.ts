import type { SourceSplits } from './source-splits.ts';

/** A source's `recordsPerSecond`, by the epochs' stamps, so that every replay reads the same. */
export interface PaceInput {
  readonly recordsPerSecond: number;
  readonly stamp: number;
  /** Of the epoch before; 0 before the first. */
  readonly parentStamp: number;
  readonly checkpointIntervalMs: number;
}

/** However late an epoch is, it earns no more than so many intervals: a pause is not made up for by a burst. */
const intervalsEarnedMax = 2;

/** Lets the subtask earn what the time since the last epoch allows, and gives the records it may read now. */
export function earnAllowance(splits: SourceSplits, pace: PaceInput): number {
  const interval = pace.checkpointIntervalMs;
  const perMs = perMillisecond(splits, pace);
  const elapsed = pace.parentStamp === 0 ? interval : Math.min(pace.stamp - pace.parentStamp, intervalsEarnedMax * interval);
  splits.allowance = Math.min(splits.allowance + perMs * elapsed, Math.max(1, intervalsEarnedMax * interval * perMs));
  return Math.floor(splits.allowance);
}

/** When the subtask may read its next record. */
export function nextAllowedAt(splits: SourceSplits, pace: PaceInput): number {
  const missing = Math.max(0, 1 - splits.allowance);
  return pace.stamp + Math.max(1, Math.ceil(missing / perMillisecond(splits, pace)));
}

const perMillisecond = (splits: SourceSplits, pace: PaceInput): number => (pace.recordsPerSecond * splits.share) / 1000;
