/** Shapes of replies about checkpoints: Flink's REST API, field by field. */
import * as z from 'zod';

const quantile = z.union([z.number(), z.literal('NaN')]);
const summaryStatistic = z.object({
  min: z.number(),
  max: z.number(),
  avg: z.number(),
  p50: quantile,
  p90: quantile,
  p95: quantile,
  p99: quantile,
  p999: quantile,
});
export type SummaryStatistic = z.infer<typeof summaryStatistic>;

const checkpointStatus = z.enum(['COMPLETED', 'FAILED', 'IN_PROGRESS']);

/** What is said of a checkpoint as a whole and of each vertex in it. */
const sizes = {
  latest_ack_timestamp: z.number(),
  checkpointed_size: z.number(),
  state_size: z.number(),
  end_to_end_duration: z.number(),
  alignment_buffered: z.number(),
  processed_data: z.number(),
  persisted_data: z.number(),
  num_subtasks: z.number(),
  num_acknowledged_subtasks: z.number(),
};

const taskEntry = z.object({ id: z.number(), status: checkpointStatus, ...sizes });
export type TaskEntry = z.infer<typeof taskEntry>;

/** GET /jobs/:jobid/checkpoints/details/:checkpointid, and what GET /jobs/:jobid/checkpoints lists. */
export const checkpointEntry = z.object({
  className: z.enum(['completed', 'failed', 'in_progress']),
  id: z.number(),
  status: checkpointStatus,
  is_savepoint: z.boolean(),
  savepointFormat: z.enum(['CANONICAL', 'NATIVE']).optional(),
  trigger_timestamp: z.number(),
  ...sizes,
  checkpoint_type: z.enum(['CHECKPOINT', 'UNALIGNED_CHECKPOINT', 'SAVEPOINT', 'SYNC_SAVEPOINT']),
  /** By vertex; empty in a listing. */
  tasks: z.record(z.string(), taskEntry),
  external_path: z.string().optional(),
  discarded: z.boolean().optional(),
  failure_timestamp: z.number().optional(),
  failure_message: z.string().optional(),
});
export type CheckpointEntry = z.infer<typeof checkpointEntry>;

const restoredEntry = z.object({
  id: z.number(),
  restore_timestamp: z.number(),
  is_savepoint: z.boolean(),
  external_path: z.string().optional(),
});
export type RestoredEntry = z.infer<typeof restoredEntry>;

/** GET /jobs/:jobid/checkpoints. */
export const checkpointStatistics = z.object({
  counts: z.object({ restored: z.number(), total: z.number(), in_progress: z.number(), completed: z.number(), failed: z.number() }),
  summary: z.object({
    checkpointed_size: summaryStatistic,
    state_size: summaryStatistic,
    end_to_end_duration: summaryStatistic,
    alignment_buffered: summaryStatistic,
    processed_data: summaryStatistic,
    persisted_data: summaryStatistic,
  }),
  latest: z.object({
    completed: checkpointEntry.nullable(),
    savepoint: checkpointEntry.nullable(),
    failed: checkpointEntry.nullable(),
    restored: restoredEntry.nullable(),
  }),
  history: z.array(checkpointEntry),
});
export type CheckpointStatistics = z.infer<typeof checkpointStatistics>;

/** GET /jobs/:jobid/checkpoints/config. */
export const checkpointConfiguration = z.object({
  mode: z.literal('exactly_once'),
  interval: z.number(),
  timeout: z.number(),
  min_pause: z.number(),
  max_concurrent: z.number(),
  externalization: z.object({ enabled: z.boolean(), delete_on_cancellation: z.boolean() }),
  state_backend: z.string(),
  checkpoint_storage: z.string(),
  unaligned_checkpoints: z.boolean(),
  tolerable_failed_checkpoints: z.number(),
  aligned_checkpoint_timeout: z.number(),
  checkpoints_after_tasks_finish: z.boolean(),
  state_changelog_enabled: z.boolean(),
  changelog_periodic_materialization_interval: z.number(),
  changelog_storage: z.string().nullable(),
});
export type CheckpointConfiguration = z.infer<typeof checkpointConfiguration>;

const alignment = <T extends z.ZodType>(of: T) => z.object({ buffered: of, processed: of, persisted: of, duration: of });
const durations = <T extends z.ZodType>(of: T) => z.object({ sync: of, async: of });

const subtaskEntry = z.discriminatedUnion('className', [
  z.object({
    className: z.literal('completed'),
    index: z.number(),
    status: z.literal('completed'),
    ack_timestamp: z.number(),
    end_to_end_duration: z.number(),
    checkpointed_size: z.number(),
    state_size: z.number(),
    checkpoint: durations(z.number()),
    alignment: alignment(z.number()),
    start_delay: z.number(),
    unaligned_checkpoint: z.boolean(),
    aborted: z.boolean(),
  }),
  z.object({ className: z.literal('pending'), index: z.number(), status: z.literal('pending_or_failed') }),
]);
export type SubtaskEntry = z.infer<typeof subtaskEntry>;

/** GET /jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid. */
export const taskCheckpoint = taskEntry.extend({
  summary: z.object({
    checkpointed_size: summaryStatistic,
    state_size: summaryStatistic,
    end_to_end_duration: summaryStatistic,
    checkpoint_duration: durations(summaryStatistic),
    alignment: alignment(summaryStatistic),
    start_delay: summaryStatistic,
  }),
  subtasks: z.array(subtaskEntry),
});
export type TaskCheckpoint = z.infer<typeof taskCheckpoint>;
