/** Pure: one checkpoint vertex by vertex and subtask by subtask, in Flink's shapes. */
import type { CheckpointDetails, SubtaskSizes } from '../job/checkpoint-service.ts';
import type { JobView } from '../job/job-service.ts';
import type { CheckpointEntry, SubtaskEntry, TaskCheckpoint, TaskEntry } from './checkpoint-replies.ts';
import { completedEntry, entryOf, pendingEntry, savepointEntry, summaryOf } from './checkpoint-views.ts';

/** GET /jobs/:jobid/checkpoints/details/:checkpointid: the entry of the listing, with `tasks`. */
export function checkpointDetailsOf(view: JobView, details: CheckpointDetails): CheckpointEntry {
  const tasks = Object.fromEntries(details.vertices.map(({ vertexId, subtasks }) => [vertexId, taskOf(details, subtasks)]));
  const acknowledged = details.vertices.reduce((sum, { subtasks }) => sum + acknowledgedBy(subtasks).length, 0);
  const entry = entryIn(view, details);
  // A job that changed its parallelism across a restore shows here what stood then.
  const subtasks = details.vertices.reduce((sum, vertex) => sum + vertex.subtasks.length, 0);
  return { ...entry, num_subtasks: subtasks, num_acknowledged_subtasks: acknowledged, tasks };
}

function entryIn(view: JobView, details: CheckpointDetails): CheckpointEntry {
  const { checkpoint, savepoint, state } = details;
  if (savepoint !== undefined) return savepointEntry(view, savepoint);
  const { record } = view;
  const known =
    state === 'pending' ? pendingEntry(view) : record.latest.checkpoint === checkpoint ? completedEntry(view, false) : undefined;
  if (known !== undefined) return known;
  return {
    ...entryOf(checkpoint, 0),
    ...taskOf(
      details,
      details.vertices.flatMap(({ subtasks }) => subtasks),
    ),
    className: 'completed',
    status: 'COMPLETED',
    trigger_timestamp: details.triggeredAt,
    discarded: false,
  };
}

const acknowledgedBy = (subtasks: readonly (SubtaskSizes | undefined)[]): readonly SubtaskSizes[] =>
  subtasks.filter((each) => each !== undefined);

/** Subtasks acknowledge at the end of their level; what is written down is when the last one had. */
function timesOf({ completedAt, triggeredAt }: CheckpointDetails): { readonly acknowledgedAt: number; readonly duration: number } {
  return completedAt === undefined
    ? { acknowledgedAt: -1, duration: -1 }
    : { acknowledgedAt: completedAt, duration: Math.max(0, completedAt - triggeredAt) };
}

function taskOf(details: CheckpointDetails, subtasks: readonly (SubtaskSizes | undefined)[]): TaskEntry {
  const known = acknowledgedBy(subtasks);
  const { acknowledgedAt, duration } = timesOf(details);
  return {
    id: details.checkpoint,
    status: details.state === 'pending' ? 'IN_PROGRESS' : 'COMPLETED',
    latest_ack_timestamp: acknowledgedAt,
    checkpointed_size: known.reduce((sum, each) => sum + each.checkpointed, 0),
    state_size: known.reduce((sum, each) => sum + each.state, 0),
    end_to_end_duration: duration,
    alignment_buffered: 0,
    processed_data: 0,
    persisted_data: 0,
    num_subtasks: subtasks.length,
    num_acknowledged_subtasks: known.length,
  };
}

/**
 * GET /jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid. Of a subtask's own time nothing is kept: a barrier
 * waits for no channel and state is written within the epoch, so these durations and delays are 0.
 */
export function taskCheckpointOf(details: CheckpointDetails, subtasks: readonly (SubtaskSizes | undefined)[]): TaskCheckpoint {
  const known = acknowledgedBy(subtasks);
  const { duration } = timesOf(details);
  const none = summaryOf(known.map(() => 0));
  return {
    ...taskOf(details, subtasks),
    summary: {
      checkpointed_size: summaryOf(known.map(({ checkpointed }) => checkpointed)),
      state_size: summaryOf(known.map(({ state }) => state)),
      end_to_end_duration: summaryOf(known.map(() => duration)),
      checkpoint_duration: { sync: none, async: none },
      alignment: { buffered: none, processed: none, persisted: none, duration: none },
      start_delay: none,
    },
    subtasks: subtasks.map((each, index) => subtaskOf(details, index, each)),
  };
}

function subtaskOf(details: CheckpointDetails, index: number, sizes: SubtaskSizes | undefined): SubtaskEntry {
  if (sizes === undefined) return { className: 'pending', index, status: 'pending_or_failed' };
  const { acknowledgedAt, duration } = timesOf(details);
  return {
    className: 'completed',
    index,
    status: 'completed',
    ack_timestamp: acknowledgedAt,
    end_to_end_duration: duration,
    checkpointed_size: sizes.checkpointed,
    state_size: sizes.state,
    checkpoint: { sync: 0, async: 0 },
    alignment: { buffered: 0, processed: 0, persisted: 0, duration: 0 },
    start_delay: 0,
    unaligned_checkpoint: false,
    aborted: false,
  };
}
