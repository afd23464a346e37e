// What a job page asks about a vertex and its subtasks, and what a client asks that waits for a job's end.
import { beforeEach, describe, expect, it } from 'vitest';
import { jobId, RecordedJob, source, sums } from './recorded-jobs.ts';

let job: RecordedJob;
beforeEach(() => {
  job = new RecordedJob();
});

const vertex = (path = '', query = '', id = sums) => job.get(`/jobs/${jobId}/vertices/${id}${path}`, query);

describe('a vertex', () => {
  it('has a subtask for each of its parallelism, on the slot that runs it', async () => {
    await job.add({ status: 'RUNNING', statusAt: 1_200 });
    const { status, body } = await vertex();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: sums,
      parallelism: 2,
      maxParallelism: 128,
      subtasks: [
        { subtask: 0, status: 'RUNNING', host: 'arn:slot-0', endpoint: 'arn:slot-0', 'taskmanager-id': 'slot-0', 'end-time': -1 },
        { subtask: 1, status: 'RUNNING', endpoint: 'arn:slot-1', metrics: { 'read-records': 0, 'read-records-complete': false } },
      ],
      aggregated: { metrics: { 'read-records': { min: 0, max: 0, sum: 0 } } },
    });
    expect((await job.get(`/v1/jobs/${jobId}/vertices/${sums}`)).status).toBe(200);
  });

  it('is run by slots, with the times of its job', async () => {
    await job.add({ status: 'FINISHED', statusAt: 9_000 });
    expect((await vertex('/taskmanagers')).body).toMatchObject({
      taskmanagers: [
        {
          endpoint: 'arn:slot-0',
          status: 'FINISHED',
          'start-time': 1_000,
          'end-time': 9_000,
          duration: 8_000,
          'status-counts': { FINISHED: 1 },
        },
        { endpoint: 'arn:slot-1', 'taskmanager-id': 'slot-1' },
      ],
    });
    expect((await vertex('/subtasktimes')).body).toMatchObject({
      subtasks: [{ subtask: 0, duration: 8_000, timestamps: { CREATED: 1_000, RUNNING: 0, FINISHED: 9_000 } }, { subtask: 1 }],
    });
  });

  it('is never back-pressured', async () => {
    await job.add({ status: 'RUNNING' });
    expect((await vertex('/backpressure')).body).toMatchObject({
      status: 'ok',
      backpressureLevel: 'ok',
      subtasks: [{ subtask: 0, ratio: 0, busyRatio: 'NaN' }, { subtask: 1 }],
    });
  });

  it('has the watermarks of the latest checkpoint; those that have not come or are the last are as in Java', async () => {
    await job.add({ latest: await job.checkpoint(7, 978_310_800_000) });
    expect((await vertex('/watermarks')).body).toEqual([
      { id: '0.currentInputWatermark', value: '978310800000' },
      { id: '1.currentInputWatermark', value: '978310800000' },
    ]);
    await job.add({ latest: await job.checkpoint(8) });
    expect((await vertex('/watermarks', '', source)).body).toEqual([{ id: '0.currentInputWatermark', value: '-9223372036854775808' }]);
    await job.add({ latest: await job.checkpoint(9, Number.MAX_SAFE_INTEGER) });
    expect((await vertex('/watermarks', '', source)).body).toEqual([{ id: '0.currentInputWatermark', value: '9223372036854775807' }]);
  });

  it('has metrics by name, of each subtask and over several', async () => {
    await job.add({ latest: await job.checkpoint(7, 5) });
    expect((await vertex('/metrics', '', source)).body).toEqual([
      { id: '0.currentInputWatermark' },
      { id: '0.stateEntries' },
      { id: '0.stateBytes' },
    ]);
    expect((await vertex('/metrics', 'get=0.stateBytes,1.stateBytes,0.unheardOf')).body).toEqual([
      { id: '0.stateBytes', value: '2000' },
      { id: '1.stateBytes', value: '0' },
    ]);
    expect((await vertex('/subtasks/metrics', 'get=stateBytes')).body).toEqual([
      { id: 'stateBytes', min: 0, max: 2_000, avg: 1_000, sum: 2_000 },
    ]);
    expect((await vertex('/subtasks/metrics', 'get=stateBytes&agg=max&subtasks=1-3')).body).toEqual([{ id: 'stateBytes', max: 0 }]);
    expect((await vertex('/subtasks/metrics')).body).toHaveLength(3);
  });

  it('has none of these before the first checkpoint', async () => {
    await job.add();
    for (const path of ['/watermarks', '/metrics', '/subtasks/metrics']) expect((await vertex(path)).body).toEqual([]);
  });

  it('is not found if the job has no such vertex, or there is no such job', async () => {
    await job.add();
    for (const path of ['', '/metrics', '/subtasks/metrics', '/watermarks', '/backpressure', '/subtasktimes', '/taskmanagers']) {
      expect(await vertex(path, '', '9'.repeat(32))).toMatchObject({
        status: 404,
        body: { errors: [expect.any(String), expect.any(String)] },
      });
      expect((await job.get(`/jobs/${'f'.repeat(32)}/vertices/${sums}${path}`)).status).toBe(404);
    }
  });
});

describe("a job's result", () => {
  const result = async () => (await job.get(`/v1/jobs/${jobId}/execution-result`)).body;

  it('is not there while it runs, nor before its output is visible', async () => {
    await job.add({ status: 'RUNNING' });
    expect(await result()).toEqual({ status: { id: 'IN_PROGRESS' }, 'job-execution-result': null });
    await job.add({ status: 'FINISHED', effects: { sequence: 1, checkpoint: 1, attempt: 1, publish: true, answers: [] } });
    expect(await result()).toMatchObject({ status: { id: 'IN_PROGRESS' } });
  });

  it.each([
    ['FINISHED', 'SUCCEEDED'],
    ['CANCELED', 'CANCELED'],
  ] as const)('of one that is %s is %s', async (status, application) => {
    await job.add({ status, statusAt: 3_500 });
    expect(await result()).toEqual({
      status: { id: 'COMPLETED' },
      'job-execution-result': { id: jobId, 'application-status': application, 'net-runtime': 2_500, 'accumulator-results': {} },
    });
  });

  it('of one that failed has the cause, for clients of every age', async () => {
    await job.add({ status: 'FAILED', statusAt: 3_500, cause: { code: 'USER_FUNCTION_FAILED', domain: 'program', message: 'It broke.' } });
    expect(await result()).toMatchObject({
      'job-execution-result': {
        'application-status': 'FAILED',
        'failure-cause': {
          message: 'It broke.',
          'serialized-throwable': expect.stringMatching(/^rO0ABX/),
          weir: { code: 'USER_FUNCTION_FAILED' },
        },
      },
    });
  });
});
