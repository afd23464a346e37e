// Catches: a function behind API Gateway that answers in another shape than {"errors":[...]}, serves routes that are not its own,
// reads path or query otherwise than the local server, or writes into its log what users keep secret.
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as cancel } from '../../functions/api-cancel.ts';
import { apiHandler } from '../../functions/api-handler.ts';
import { handler as queries } from '../../functions/api-queries.ts';
import { handler as trigger } from '../../functions/api-trigger.ts';
import { type ServedJobs, serveJobs } from '../control-api/served-jobs.ts';

const running = 'a'.repeat(32);
const unknown = 'f'.repeat(32);

let served: ServedJobs;
let lines: string[];

beforeAll(async () => {
  served = await serveJobs();
  await served.addProgram('words-1', 'words');
  await served.addJob(running, { status: 'RUNNING', statusAt: 1_100 });
  vi.stubEnv('WEIR_TABLE', 'weir');
  vi.stubEnv('WEIR_STATE_ROOT', 's3://weir/state');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await served[Symbol.asyncDispose]();
});

type Handler = typeof queries;

async function call(handler: Handler, event: Partial<APIGatewayProxyEvent>): Promise<{ readonly status: number; readonly json: unknown }> {
  lines = [];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    const whole = { httpMethod: 'GET', body: null, isBase64Encoded: false, requestContext: { requestId: 'r-1' }, ...event };
    const result = (await handler(whole as APIGatewayProxyEvent, {} as Context)) as APIGatewayProxyResult;
    expect(result.headers).toMatchObject({ 'content-type': 'application/json; charset=UTF-8' });
    return { status: result.statusCode, json: JSON.parse(result.body) };
  } finally {
    written.mockRestore();
  }
}

describe('a function behind the gateway', () => {
  it('answers with and without /v1, and a GET that has a body', async () => {
    const wanted = { status: 200, json: { status: 'RUNNING' } };
    expect(await call(queries, { path: `/jobs/${running}/status`, resource: '/jobs/{jobid}/status', body: '{}' })).toEqual(wanted);
    expect(await call(queries, { path: `/v1/jobs/${running}/status`, resource: '/v1/jobs/{jobid}/status' })).toEqual(wanted);
  });

  it('leaves out what a custom domain puts before the path', async () => {
    const event = { path: `/streams/prod/v1/jobs/${running}/status`, resource: '/v1/jobs/{jobid}/status' };
    expect(await call(queries, event)).toMatchObject({ status: 200 });
  });

  it('takes the whole path of a resource that takes any', async () => {
    expect(await call(queries, { path: `/v1/jobs/${running}/status`, resource: '/v1/{proxy+}' })).toMatchObject({ status: 200 });
  });

  it('knows no routes but its own', async () => {
    const path = `/jobs/${running}`;
    const resource = '/jobs/{jobid}';
    expect(await call(queries, { httpMethod: 'PATCH', path, resource })).toEqual({ status: 404, json: { errors: [`Not found: ${path}`] } });
    expect(await call(cancel, { path, resource, queryStringParameters: { mode: 'stop' } })).toEqual({
      status: 404,
      json: { errors: [`Not found: ${path}?mode=stop`] },
    });
  });

  it('reads the query as the local server does: the first of several values', async () => {
    const event = {
      httpMethod: 'PATCH',
      path: `/jobs/${running}`,
      resource: '/jobs/{jobid}',
      multiValueQueryStringParameters: { mode: ['suspend', 'cancel'] },
      queryStringParameters: { mode: 'cancel' },
    };
    const { status, json } = await call(cancel, event);
    expect(status).toBe(400);
    expect(json).toEqual({ errors: [expect.stringContaining('"suspend"'), expect.any(String)] });
  });

  it('decodes a body in base64', async () => {
    const body = Buffer.from('{"formatType":"SIDEWAYS"}').toString('base64');
    const event = { httpMethod: 'POST', path: `/jobs/${running}/savepoints`, resource: '/jobs/{jobid}/savepoints', body };
    expect(await call(trigger, { ...event, isBase64Encoded: true })).toMatchObject({
      status: 400,
      json: { errors: [expect.stringContaining('formatType')] },
    });
  });

  it('says what is wrong with its own configuration in the shape of any error', async () => {
    vi.stubEnv('WEIR_SAVEPOINT_PREFIXES', 's3://bucket/savepoints');
    const fresh = apiHandler({});
    expect(await call(fresh, { path: '/jobs', resource: '/jobs' })).toEqual({
      status: 500,
      json: { errors: [expect.stringContaining('WEIR_SAVEPOINT_PREFIXES must be a JSON array')] },
    });
    vi.stubEnv('WEIR_SAVEPOINT_PREFIXES', '');
  });
});

describe('the log of such a function', () => {
  it('has a line for each request, which is its metrics too', async () => {
    await call(queries, { path: `/jobs/${running}/status`, resource: '/jobs/{jobid}/status' });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'INFO',
      requestId: 'r-1',
      route: 'GET /jobs/:jobid/status',
      jobId: running,
      status: 200,
      ApiRequests: 1,
      ApiServerErrors: 0,
      _aws: { CloudWatchMetrics: [{ Namespace: 'Weir', Dimensions: [[]] }] },
    });
  });

  it('names the code of a refusal', async () => {
    await call(queries, { path: `/jobs/${unknown}`, resource: '/jobs/{jobid}' });
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'INFO', status: 404, code: 'JOB_NOT_FOUND', jobId: unknown });
  });

  it('never holds what a request says: not its body, query, headers or path, whatever becomes of it', async () => {
    const secret = 'hunter2-9b1f';
    const event = {
      httpMethod: 'POST',
      path: `/jobs/${running}/savepoints`,
      resource: '/jobs/{jobid}/savepoints',
      headers: { Authorization: `Bearer ${secret}` },
      queryStringParameters: { token: secret },
    };
    const bodies = [`{"${secret}`, JSON.stringify({ formatType: secret }), JSON.stringify({ 'target-directory': secret }), `[${secret}]`];
    for (const body of bodies) {
      await call(trigger, { ...event, body });
      await call(trigger, { ...event, body, path: `/jobs/${secret}/savepoints` });
      await call(trigger, { ...event, body, path: `/${secret}`, resource: '/{proxy+}' });
      expect(lines.join('')).not.toContain(secret);
    }
  });

  it('says where a failure of ours was thrown, without its text', async () => {
    const secret = 'hunter2-9b1f';
    const broken = apiHandler({
      broken: {
        method: 'GET',
        path: '/broken',
        parameters: { safeParse: () => ({ success: true, data: {} }) },
        body: { safeParse: () => ({ success: true, data: {} }) },
        handle: async () => {
          throw new RangeError(`no such record: ${secret}`);
        },
      },
    });
    expect(await call(broken, { path: '/broken', resource: '/broken' })).toMatchObject({ status: 500 });
    const line = JSON.parse(lines[0]!) as { readonly stack: readonly string[] };
    expect(line).toMatchObject({ level: 'ERROR', code: 'RangeError', ApiServerErrors: 1 });
    expect(line.stack.length).toBeGreaterThan(1);
    expect(lines[0]).not.toContain(secret);
  });
});
