/**
 * Pure: how a job's checkpoints look in Flink's shapes. The record keeps the latest one, the pending one, the last failure
 * and where the last savepoint is: these can be listed.
 */
import type { JobView } from '../job/job-service.ts';
import { objectUris } from '../protocol/names.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';
import type { CheckpointEntry, CheckpointStatistics, RestoredEntry, SummaryStatistic } from './checkpoint-replies.ts';

export interface KnownCheckpoints {
  readonly latestSavepoint: SnapshotRecord | undefined;
  /** The job has ended, and its latest checkpoint is gone. */
  readonly latestIsDeleted: boolean;
}

export function checkpointStatisticsOf(view: JobView, known: KnownCheckpoints): CheckpointStatistics {
  const { totals, statistics } = view.record;
  const completed = completedEntry(view, known.latestIsDeleted);
  const inProgress = pendingEntry(view);
  const failed = failedEntry(view);
  const savepoint = known.latestSavepoint === undefined ? undefined : savepointEntry(view, known.latestSavepoint);
  const restored = restoredEntry(view);
  const stat = (value: number | undefined): SummaryStatistic => summaryOf(value === undefined ? [] : [value]);
  return {
    counts: {
      restored: restored === undefined ? 0 : 1,
      total: totals.checkpointsCompleted + totals.checkpointsFailed + (inProgress === undefined ? 0 : 1),
      in_progress: inProgress === undefined ? 0 : 1,
      completed: totals.checkpointsCompleted,
      failed: totals.checkpointsFailed,
    },
    summary: {
      checkpointed_size: stat(statistics?.checkpointBytes),
      state_size: stat(statistics?.stateBytes),
      end_to_end_duration: stat(statistics?.durationMs),
      alignment_buffered: stat(0),
      processed_data: stat(0),
      persisted_data: stat(0),
    },
    latest: { completed: completed ?? null, savepoint: savepoint ?? null, failed: failed ?? null, restored: restored ?? null },
    history: historyOf([inProgress, failed, completed, savepoint]),
  };
}

/** Newest first, each number once: a savepoint has that of the checkpoint that it was taken at. */
function historyOf(entries: readonly (CheckpointEntry | undefined)[]): CheckpointEntry[] {
  const byId = new Map<number, CheckpointEntry>();
  for (const entry of entries) if (entry !== undefined && !byId.has(entry.id)) byId.set(entry.id, entry);
  return [...byId.values()].toSorted((a, b) => b.id - a.id);
}

/** Of the values that are known. */
export function summaryOf(values: readonly number[]): SummaryStatistic {
  if (values.length === 0) return { min: 0, max: 0, avg: 0, p50: 'NaN', p90: 'NaN', p95: 'NaN', p99: 'NaN', p999: 'NaN' };
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!;
  return {
    min: sorted[0]!,
    max: sorted.at(-1)!,
    avg: Math.round(sorted.reduce((sum, value) => sum + value, 0) / sorted.length),
    p50: quantile(0.5),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    p999: quantile(0.999),
  };
}

export function completedEntry({ record, description }: JobView, discarded: boolean): CheckpointEntry | undefined {
  const { statistics, latest } = record;
  if (statistics === undefined || latest.checkpoint === 0) return undefined;
  const subtasks = subtasksOf(description);
  return {
    ...entryOf(latest.checkpoint, subtasks),
    className: 'completed',
    status: 'COMPLETED',
    trigger_timestamp: statistics.completedAt - statistics.durationMs,
    latest_ack_timestamp: statistics.completedAt,
    checkpointed_size: statistics.checkpointBytes,
    state_size: statistics.stateBytes,
    end_to_end_duration: statistics.durationMs,
    num_acknowledged_subtasks: subtasks,
    external_path: objectUris.checkpointDirectory(description.stateRoot, record.jobId, latest.checkpoint),
    discarded,
  };
}

export function pendingEntry({ record, description }: JobView): CheckpointEntry | undefined {
  if (record.pending === undefined) return undefined;
  return { ...entryOf(record.pending.checkpoint, subtasksOf(description)), trigger_timestamp: record.pending.injectedAt };
}

/** Of the last failure since the latest checkpoint. When its attempt began is known until the next one begins. */
function failedEntry({ record, description }: JobView): CheckpointEntry | undefined {
  const { cause, failedAt, pending, stamp, totals, latest } = record;
  if (cause === undefined || totals.checkpointsFailed === 0) return undefined;
  const begun = pending === undefined ? Math.min(stamp, failedAt) : failedAt;
  return {
    ...entryOf(latest.checkpoint + 1, subtasksOf(description)),
    className: 'failed',
    status: 'FAILED',
    trigger_timestamp: begun,
    end_to_end_duration: failedAt - begun,
    failure_timestamp: failedAt,
    failure_message: cause.message,
  };
}

/** A native savepoint writes its metadata alone, a canonical one all state. Stopping a job takes a synchronous one, in Flink's words. */
export function savepointEntry({ record, description }: JobView, savepoint: SnapshotRecord): CheckpointEntry {
  const { checkpoint, format, path, createdAt, stamp, stateBytes, metadataBytes, state, drained } = savepoint;
  const subtasks = subtasksOf(description);
  const stopped = drained === true || (record.status === 'FINISHED' && record.latest.checkpoint === checkpoint);
  return {
    ...entryOf(checkpoint, subtasks),
    className: 'completed',
    status: 'COMPLETED',
    is_savepoint: true,
    savepointFormat: format === 'canonical' ? 'CANONICAL' : 'NATIVE',
    trigger_timestamp: stamp ?? createdAt,
    latest_ack_timestamp: createdAt,
    checkpointed_size: format === 'canonical' ? stateBytes + metadataBytes : metadataBytes,
    state_size: stateBytes,
    end_to_end_duration: stamp === undefined ? -1 : Math.max(0, createdAt - stamp),
    num_acknowledged_subtasks: subtasks,
    checkpoint_type: stopped ? 'SYNC_SAVEPOINT' : 'SAVEPOINT',
    external_path: path,
    discarded: state !== 'live',
  };
}

function restoredEntry({ description: { restored } }: JobView): RestoredEntry | undefined {
  if (restored === undefined) return undefined;
  const { checkpoint, at, kind, path } = restored;
  return { id: checkpoint, restore_timestamp: at, is_savepoint: kind === 'savepoint', external_path: path };
}

/** A checkpoint of which nothing is known but that it was begun. Barriers are aligned without a record in flight: nothing is buffered. */
export const entryOf = (id: number, subtasks: number): CheckpointEntry => ({
  className: 'in_progress',
  id,
  status: 'IN_PROGRESS',
  is_savepoint: false,
  trigger_timestamp: 0,
  latest_ack_timestamp: -1,
  checkpointed_size: 0,
  state_size: 0,
  end_to_end_duration: -1,
  alignment_buffered: 0,
  processed_data: 0,
  persisted_data: 0,
  num_subtasks: subtasks,
  num_acknowledged_subtasks: 0,
  checkpoint_type: 'CHECKPOINT',
  tasks: {},
});

const subtasksOf = (description: JobView['description']): number =>
  description.graph.vertices.reduce((sum, vertex) => sum + vertex.parallelism, 0);
