/** Pure: how a job's checkpoints look in Flink's shapes. The record keeps the latest one; that is what can be shown. */
import type { JobView } from '../job/job-service.ts';
import { objectUris } from '../protocol/names.ts';
import type { CheckpointEntry, CheckpointStatistics, SummaryStatistic } from './replies.ts';

export function checkpointStatisticsOf(view: JobView): CheckpointStatistics {
  const { totals, statistics } = view.record;
  const completed = completedEntry(view);
  const inProgress = pendingEntry(view);
  const stat = (value: number | undefined): SummaryStatistic => summaryOf(value);
  return {
    counts: {
      restored: 0,
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
    latest: { completed: completed ?? null, savepoint: null, failed: null, restored: null },
    history: [inProgress, completed].filter((entry) => entry !== undefined),
  };
}

/** Of the one value that is known. */
function summaryOf(value: number | undefined): SummaryStatistic {
  const known = value ?? 0;
  const quantile = value ?? 'NaN';
  return { min: known, max: known, avg: known, p50: quantile, p90: quantile, p95: quantile, p99: quantile, p999: quantile };
}

function completedEntry({ record, description }: JobView): CheckpointEntry | undefined {
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
    discarded: false,
  };
}

function pendingEntry({ record, description }: JobView): CheckpointEntry | undefined {
  if (record.pending === undefined) return undefined;
  return { ...entryOf(record.pending.checkpoint, subtasksOf(description)), trigger_timestamp: record.pending.injectedAt };
}

/** A checkpoint of which nothing is known but that it was begun. */
const entryOf = (id: number, subtasks: number): CheckpointEntry => ({
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
