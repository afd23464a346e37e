// The control API over HTTP, with the shapes that Flink's client insists on.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlClient } from '../../src/control-api/client.ts';
import { type ServedJobs, serveJobs } from './served-jobs.ts';

const running = 'a'.repeat(32);
const finishing = 'b'.repeat(32);
const failed = 'c'.repeat(32);
const unknown = 'f'.repeat(32);

let served: ServedJobs;

beforeAll(async () => {
  served = await serveJobs();
  await served.addProgram('words-1', 'words');
  await served.addJob(running, {
    status: 'RUNNING',
    statusAt: 1_100,
    latest: { checkpoint: 3, attempt: 4, manifest: { uri: 's3://weir/m', checksum: 'x' } },
    pending: { checkpoint: 4, attempt: 5, injectedBy: 'run', injectedAt: 3_000, requests: [], enumerated: [], storeHandover: false },
    statistics: {
      completedAt: 2_500,
      durationMs: 40,
      recordsIn: 10,
      recordsOut: 2,
      skipped: 0,
      checkpointBytes: 300,
      stateBytes: 900,
      stateEntries: 7,
    },
    totals: { recordsIn: 30, recordsOut: 6, skipped: 0, checkpointsCompleted: 3, checkpointsFailed: 1, restarts: 1 },
  });
  await served.addJob(finishing, {
    status: 'FINISHED',
    statusAt: 1_900,
    effects: { sequence: 1, checkpoint: 1, attempt: 1, publish: true, answers: [] },
  });
  await served.addJob(failed, {
    status: 'FAILED',
    statusAt: 2_000,
    failedAt: 1_990,
    cause: {
      code: 'USER_CODE',
      domain: 'program',
      message: 'It broke.',
      operator: 'sums',
      subtask: 0,
      position: 'words.txt, byte 7',
      stack: 'Error: It broke.\n    at job.ts:3',
    },
  });
});
afterAll(() => served[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** As no high-level client sends it: with a body on a GET, or with headers of its own. */
function send(
  method: string,
  path: string,
  options: { readonly body?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, headers } = options;
    const sent = request(
      served.server.url + path,
      { method, headers: { ...(body === undefined ? {} : { 'content-length': String(body.length) }), ...headers } },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the control API', () => {
  it('lists jobs with every field that flink list needs, with and without /v1', async () => {
    const versioned = await send('GET', '/v1/jobs/overview');
    const plain = await send('GET', '/jobs/overview');
    const { jobs } = plain.json as { jobs: readonly Record<string, unknown>[] };
    expect(versioned.status).toBe(200);
    expect(jobs.map((job) => [job.jid, job.state])).toEqual([
      [running, 'RUNNING'],
      [finishing, 'RUNNING'],
      [failed, 'FAILED'],
    ]);
    expect(jobs[2]).toEqual({
      jid: failed,
      name: 'words',
      'start-time': 1_000,
      'end-time': 2_000,
      duration: 1_000,
      state: 'FAILED',
      'last-modification': 2_000,
      tasks: expect.objectContaining({ total: 3, failed: 3, running: 0, canceling: 0 }),
    });
  });

  it('accepts the body that Flink sends with every GET', async () => {
    const answer = await send('GET', `/v1/jobs/${running}/status`, {
      body: '{}',
      headers: { 'content-type': 'application/json; charset=UTF-8', connection: 'close' },
    });
    expect(answer).toEqual({ status: 200, json: { status: 'RUNNING' } });
  });

  it('shows a job whose output is not visible yet as running', async () => {
    expect((await send('GET', `/jobs/${finishing}/status`)).json).toEqual({ status: 'RUNNING' });
    const details = await controlClient(served.server.url).job({ jobid: finishing });
    expect(details['end-time']).toBe(-1);
  });

  it('describes a job with its vertices, plan and progress', async () => {
    const details = await controlClient(served.server.url).job({ jobid: running });
    expect(details.vertices.map((vertex) => [vertex.name, vertex.parallelism, vertex.status])).toEqual([
      ['Source: words', 1, 'RUNNING'],
      ['sum <of> words', 2, 'RUNNING'],
    ]);
    expect(details.plan.nodes[1]).toMatchObject({
      description: 'sum &lt;of&gt; words',
      inputs: [{ num: 0, id: '1'.repeat(32), ship_strategy: 'HASH' }],
    });
    expect(details.weir).toMatchObject({ checkpoint: 3, totals: { recordsIn: 30, restarts: 1 }, statistics: { checkpointBytes: 300 } });
  });

  it('counts checkpoints and shows the latest and the pending one', async () => {
    const statistics = await controlClient(served.server.url).jobCheckpoints({ jobid: running });
    expect(statistics.counts).toEqual({ restored: 0, total: 5, in_progress: 1, completed: 3, failed: 1 });
    expect(statistics.history.map((entry) => [entry.id, entry.className])).toEqual([
      [4, 'in_progress'],
      [3, 'completed'],
    ]);
    expect(statistics.latest.completed).toMatchObject({
      trigger_timestamp: 2_460,
      external_path: `s3://weir/state/checkpoints/${running}/chk-3`,
      discarded: false,
    });
  });

  it('has no checkpoint to show of a job that has completed none', async () => {
    const statistics = await controlClient(served.server.url).jobCheckpoints({ jobid: failed });
    expect(statistics.latest.completed).toBeNull();
    expect(statistics.history).toEqual([]);
    expect(statistics.summary.state_size.p50).toBe('NaN');
  });

  it('tells why a job failed', async () => {
    const exceptions = await controlClient(served.server.url).jobExceptions({ jobid: failed });
    expect(exceptions['root-exception']).toContain('at job.ts:3');
    expect(exceptions.exceptionHistory.entries[0]).toMatchObject({ exceptionName: 'USER_CODE', taskName: 'sums (1)', timestamp: 1_990 });
    expect((await controlClient(served.server.url).jobExceptions({ jobid: running })).exceptionHistory.entries).toEqual([]);
  });

  it('shows arguments, configuration and totals', async () => {
    const client = controlClient(served.server.url);
    expect((await client.jobConfiguration({ jobid: running }))['execution-config']['user-config']).toEqual({
      input: 'words.txt',
      rate: '5',
    });
    expect(await client.overview({})).toMatchObject({ 'jobs-running': 2, 'jobs-failed': 1, 'slots-total': 2 });
    expect((await client.configuration({})).features['web-cancel']).toBe(false);
    expect((await client.programs({})).files).toEqual([
      { id: 'words-1', name: 'words', uploaded: 5, entry: [{ name: 'words', description: null }] },
    ]);
  });

  it.each([
    ['an unknown job', 'GET', `/v1/jobs/${unknown}`, undefined, 404],
    ['an id that is none', 'GET', '/v1/jobs/nonsense', undefined, 400],
    ['an unknown path', 'GET', '/v1/nonsense', undefined, 404],
    ['a body that is no JSON', 'POST', '/v1/jars/words-1/run', '{"parallelism":', 400],
    ['a field of the wrong type', 'POST', '/v1/jars/words-1/run', '{"parallelism":"two"}', 400],
    ['an unknown program', 'POST', '/v1/jars/nonsense/run', '{}', 404],
  ])('answers %s with exactly one field, errors', async (_, method, path, body, status) => {
    const answer = await send(method, path, body === undefined ? {} : { body });
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ errors: expect.arrayContaining([expect.any(String)]) });
  });

  it('keeps its answers to unknown paths apart from those it has a code for', async () => {
    const refusal = await fetch(`${served.server.url}/v1/jobs/${unknown}`);
    expect(refusal.headers.get('weir-error-code')).toBe('JOB_NOT_FOUND');
    expect((await fetch(`${served.server.url}/v1/nonsense`)).headers.get('weir-error-code')).toBeNull();
    expect((await fetch(`${served.server.url}/v1/jobs`)).headers.get('weir-error-code')).toBeNull();
  });

  it('refuses what a page of another site makes a browser send', async () => {
    expect((await send('GET', '/jobs', { headers: { host: 'weir.example.com' } })).status).toBe(403);
    expect((await send('GET', '/jobs', { headers: { origin: 'https://weir.example.com' } })).status).toBe(403);
    expect((await send('GET', '/jobs', { headers: { host: 'localhost:8081', origin: 'http://localhost:8081' } })).status).toBe(200);
  });

  it('gives its client the code, the message and the advice', async () => {
    await expect(controlClient(served.server.url).job({ jobid: unknown })).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: `Job ${unknown} not found.`,
      advice: expect.stringContaining('weir list'),
    });
  });

  it('is told apart from something else that answers, and from nothing', async () => {
    await expect(controlClient('http://127.0.0.1:1').jobs({})).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  });
});
