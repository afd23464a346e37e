import { limits } from '../base/limits.ts';
import type { JobView } from '../job/job-service.ts';
import { retentionOf } from '../protocol/retention.ts';
import type { CheckpointConfiguration } from './checkpoint-replies.ts';
import { javaLongMax } from './java-long.ts';

/**
 * Pure: how a job's checkpoints are configured, in Flink's words. Epochs that need no alignment and checkpoints that follow
 * one another leave most of it nothing to choose. The longest interval there is, is Flink's word for no periodic checkpoints.
 */
export function checkpointConfigurationOf({ description }: JobView): CheckpointConfiguration {
  const { checkpointIntervalMs, stateBackend, stateRoot } = description;
  const { onCancel, onFailure } = retentionOf(description);
  return {
    mode: 'exactly_once',
    interval: checkpointIntervalMs >= Number.MAX_SAFE_INTEGER ? javaLongMax() : checkpointIntervalMs,
    timeout: limits.epochMsMax,
    min_pause: 0,
    max_concurrent: 1,
    externalization: { enabled: onCancel === 'retain' || onFailure === 'retain', delete_on_cancellation: onCancel === 'delete' },
    state_backend: stateBackend,
    checkpoint_storage: `${stateRoot}/checkpoints`,
    unaligned_checkpoints: false,
    // Each failed attempt counts as a failure of the job, by its restart strategy.
    tolerable_failed_checkpoints: 0,
    aligned_checkpoint_timeout: 0,
    checkpoints_after_tasks_finish: true,
    state_changelog_enabled: false,
    changelog_periodic_materialization_interval: -1,
    changelog_storage: null,
  };
}
