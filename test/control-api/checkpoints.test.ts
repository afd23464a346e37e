// What a checkpoint page asks: the list, the configuration, a checkpoint by vertex and by subtask.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Acknowledgement } from '../../src/protocol/acknowledgement.ts';
import type { CheckpointStatistics, PendingCheckpoint } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { updateSnapshot } from '../../src/savepoint/snapshot-store.ts';
import { jobId, RecordedJob, source, sums } from './recorded-jobs.ts';

const statistics: CheckpointStatistics = {
  completedAt: 4_600,
  durationMs: 600,
  recordsIn: 10,
  recordsOut: 2,
  skipped: 0,
  checkpointBytes: 333,
  stateBytes: 2_000,
  stateEntries: 20,
};
const pending: PendingCheckpoint = {
  checkpoint: 8,
  attempt: 9,
  injectedBy: 'run',
  injectedAt: 4_900,
  requests: [],
  enumerated: [],
  storeHandover: false,
};

let job: RecordedJob;
beforeEach(() => {
  job = new RecordedJob();
});

const list = async () => (await job.get(`/v1/jobs/${jobId}/checkpoints`)).body as Record<string, Record<string, unknown>>;
const details = (checkpoint: number | string) => job.get(`/v1/jobs/${jobId}/checkpoints/details/${checkpoint}`);

describe('the list of checkpoints', () => {
  it('has the latest savepoint, its format, and what it is of', async () => {
    await job.savepoint(5, 'canonical');
    const path = await job.savepoint(6);
    await job.add({ latest: await job.checkpoint(7), statistics, pinnedUpTo: 6 });
    const { latest, history } = await list();
    expect(latest!['savepoint']).toMatchObject({
      className: 'completed',
      id: 6,
      is_savepoint: true,
      savepointFormat: 'NATIVE',
      checkpoint_type: 'SAVEPOINT',
      trigger_timestamp: 4_000,
      latest_ack_timestamp: 5_000,
      end_to_end_duration: 1_000,
      checkpointed_size: 700,
      state_size: 2_000,
      external_path: path,
      discarded: false,
    });
    expect(latest!['completed']).toMatchObject({ id: 7, is_savepoint: false });
    expect((history as unknown as { id: number }[]).map(({ id }) => id)).toEqual([7, 6]);
  });

  it('says of a savepoint that was disposed of that it is gone', async () => {
    const path = await job.savepoint(6);
    await updateSnapshot(job.cloud, path, (record) => ({ answer: undefined, put: { ...record!, state: 'deleted' } }));
    await job.add({ latest: await job.checkpoint(7), statistics, pinnedUpTo: 6 });
    expect((await list())['latest']!['savepoint']).toMatchObject({ id: 6, discarded: true });
  });

  it('calls the savepoint that a job was stopped with synchronous, as Flink does, and lists its number once', async () => {
    await job.savepoint(7);
    await job.add({ status: 'FINISHED', latest: await job.checkpoint(7), statistics, pinnedUpTo: 7 });
    const { latest, history } = await list();
    expect(latest!['savepoint']).toMatchObject({ id: 7, checkpoint_type: 'SYNC_SAVEPOINT' });
    expect(latest!['completed']).toMatchObject({ id: 7, discarded: true });
    expect(history).toHaveLength(1);
  });

  it('has what the job was restored from', async () => {
    const restored = {
      path: 's3://weir/savepoints/savepoint-bbbbbb-0123456789ab',
      checkpoint: 40,
      kind: 'savepoint',
      claimMode: 'no_claim',
      allowNonRestoredState: false,
      at: 1_500,
    } as const;
    await job.add({}, { restored });
    const { counts, latest } = await list();
    expect(counts!['restored']).toBe(1);
    expect(latest!['restored']).toEqual({ id: 40, restore_timestamp: 1_500, is_savepoint: true, external_path: restored.path });
  });

  it('has the last failure, until a checkpoint completes', async () => {
    const cause = { code: 'USER_FUNCTION_FAILED', domain: 'program', message: 'It broke.' } as const;
    const totals = { recordsIn: 0, recordsOut: 0, skipped: 0, checkpointsCompleted: 7, checkpointsFailed: 1, restarts: 1 };
    await job.add({ latest: await job.checkpoint(7), statistics, stamp: 4_900, failedAt: 4_950, cause, totals });
    expect((await list())['latest']!['failed']).toMatchObject({
      className: 'failed',
      id: 8,
      status: 'FAILED',
      trigger_timestamp: 4_900,
      end_to_end_duration: 50,
      failure_timestamp: 4_950,
      failure_message: 'It broke.',
    });
  });
});

describe('the configuration of checkpoints', () => {
  it('is that of the job, and its path is no id of an operation', async () => {
    await job.add({}, { retention: { kept: 1, onCancel: 'delete', onFailure: 'retain', onFinish: 'delete' } });
    const { status, body } = await job.get(`/jobs/${jobId}/checkpoints/config`);
    expect(status).toBe(200);
    expect(body).toEqual({
      mode: 'exactly_once',
      interval: 1_000,
      timeout: 120_000,
      min_pause: 0,
      max_concurrent: 1,
      externalization: { enabled: true, delete_on_cancellation: true },
      state_backend: 'dynamodb',
      checkpoint_storage: 's3://weir/state/checkpoints',
      unaligned_checkpoints: false,
      tolerable_failed_checkpoints: 0,
      aligned_checkpoint_timeout: 0,
      checkpoints_after_tasks_finish: true,
      state_changelog_enabled: false,
      changelog_periodic_materialization_interval: -1,
      changelog_storage: null,
    });
  });

  it("writes an interval without end with every digit of Java's largest long", async () => {
    await job.add({}, { checkpointIntervalMs: Number.MAX_SAFE_INTEGER });
    expect((await job.get(`/jobs/${jobId}/checkpoints/config`)).text).toContain('"interval":9223372036854775807,');
  });
});

describe('one checkpoint', () => {
  it('shows what each vertex wrote for it and has in all', async () => {
    await job.add({ latest: await job.checkpoint(7), statistics });
    const { status, body } = await details(7);
    expect(status).toBe(200);
    expect(body).toMatchObject({ className: 'completed', id: 7, checkpointed_size: 333, num_subtasks: 3, num_acknowledged_subtasks: 3 });
    const { tasks } = body as { readonly tasks: Record<string, unknown> };
    expect(Object.keys(tasks).toSorted()).toEqual([source, sums]);
    expect(tasks[sums]).toEqual({
      id: 7,
      status: 'COMPLETED',
      latest_ack_timestamp: 4_600,
      checkpointed_size: 100,
      state_size: 2_000,
      end_to_end_duration: 600,
      alignment_buffered: 0,
      processed_data: 0,
      persisted_data: 0,
      num_subtasks: 2,
      num_acknowledged_subtasks: 2,
    });
  });

  it('shows what each subtask of a vertex wrote and has, and the spread', async () => {
    await job.add({ latest: await job.checkpoint(7), statistics });
    const { body } = await job.get(`/jobs/${jobId}/checkpoints/details/7/subtasks/${sums}`);
    expect(body).toMatchObject({
      id: 7,
      num_subtasks: 2,
      summary: { checkpointed_size: { min: 0, max: 100, avg: 50, p50: 0, p99: 100 }, checkpoint_duration: { sync: { max: 0 } } },
      subtasks: [
        { className: 'completed', index: 0, status: 'completed', checkpointed_size: 100, state_size: 2_000, ack_timestamp: 4_600 },
        { className: 'completed', index: 1, status: 'completed', checkpointed_size: 0, state_size: 0 },
      ],
    });
  });

  it('shows who has acknowledged while it is pending', async () => {
    await job.add({ latest: await job.checkpoint(7), statistics, pending });
    const said = { counts: { segmentBytes: 70, stateBytes: 900 } } as Partial<Acknowledgement>;
    await job.put(recordKeys.acknowledgement({ jobId, checkpoint: 8, attempt: 9 }, { vertexId: sums, subtask: 1 }), said);
    expect((await details(8)).body).toMatchObject({
      className: 'in_progress',
      status: 'IN_PROGRESS',
      trigger_timestamp: 4_900,
      num_subtasks: 3,
      num_acknowledged_subtasks: 1,
      tasks: {
        [source]: { num_acknowledged_subtasks: 0 },
        [sums]: { num_acknowledged_subtasks: 1, checkpointed_size: 70, state_size: 900 },
      },
    });
    expect((await job.get(`/jobs/${jobId}/checkpoints/details/8/subtasks/${sums}`)).body).toMatchObject({
      subtasks: [
        { className: 'pending', index: 0, status: 'pending_or_failed' },
        { className: 'completed', index: 1, checkpointed_size: 70 },
      ],
    });
  });

  it('is shown as long as the job retains it, or a savepoint of it is there', async () => {
    await job.savepoint(3);
    const retained = [await job.checkpoint(6)];
    await job.add({ latest: await job.checkpoint(7), statistics, retained, pinnedUpTo: 3 });
    expect((await details(6)).body).toMatchObject({ id: 6, is_savepoint: false, trigger_timestamp: 4_000, checkpointed_size: 100 });
    expect((await details(3)).body).toMatchObject({ id: 3, is_savepoint: true, tasks: { [sums]: { state_size: 2_000 } } });
  });

  it.each([
    ['one that is superfluous by now', '4', 404],
    ['one that is not begun yet', '9', 404],
    ['a number that is none', 'seven', 400],
    ['a vertex that the job has not', `7/subtasks/${'9'.repeat(32)}`, 404],
  ])('is not found: %s', async (_, path, status) => {
    await job.add({ latest: await job.checkpoint(7), statistics });
    const answer = await details(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ errors: [expect.any(String), ...(status === 404 ? [expect.any(String)] : [])] });
  });

  it('is not found where the job is unknown', async () => {
    for (const path of ['', '/config', '/details/1', `/details/1/subtasks/${sums}`]) {
      expect((await job.get(`/jobs/${'f'.repeat(32)}/checkpoints${path}`)).status).toBe(404);
    }
  });
});
