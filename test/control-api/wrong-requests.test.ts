// Catches: a request that is refused in another shape than {"errors":[...]}, with another code than clients go by, or after
// something was changed already. Every route is asked wrongly in every way, over HTTP, against an embedded cloud with real jobs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodeHeader } from '../../src/control-api/error-code-header.ts';
import type { Route } from '../../src/control-api/route.ts';
import { type RouteName, routeList, routes } from '../../src/control-api/routes.ts';
import { LeftJobs } from './left-jobs.ts';
import { sendRaw } from './send-raw.ts';
import { rightRequest, type WrongRequest, wrongRequests } from './wrong-requests.ts';

const named = Object.entries(routes as unknown as Record<string, Route>) as [RouteName, Route][];

let left: LeftJobs;
beforeAll(async () => {
  left = await LeftJobs.make();
});
afterAll(() => left[Symbol.asyncDispose]());

interface Refusal {
  readonly what: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly shape: string;
}

async function refusalOf(wrong: WrongRequest): Promise<Refusal> {
  const { status, headers, text } = await sendRaw(left.server.url, wrong);
  const code = headers[errorCodeHeader];
  return { what: wrong.what, status, code: code === undefined ? undefined : String(code), shape: shapeOf(text, wrong) };
}

function shapeOf(text: string, { target, status }: WrongRequest): string {
  const json: unknown = JSON.parse(text);
  const { errors, ...more } = json as { readonly errors: unknown };
  const texts = Array.isArray(errors) && errors.length > 0 && errors.every((each) => typeof each === 'string' && each !== '');
  if (!texts || Object.keys(more).length > 0) return text.slice(0, 300);
  if (errors.join('').length > 3_000) return `errors of ${errors.join('').length} characters`;
  return status === 404 && String(errors[0]).startsWith('Not found: ') && errors[0] !== `Not found: ${target}` ? text : 'errors';
}

describe('a wrong request', () => {
  it.each(named)('to %s is refused as it should be, and changes nothing', async (name, route) => {
    const wrong = wrongRequests(name, route, left.known, routeList);
    const before = await left.dump();
    const refusals: Refusal[] = [];
    for (const each of wrong) refusals.push(await refusalOf(each));
    expect(refusals).toEqual(wrong.map(({ what, status, code }) => ({ what, status, code, shape: 'errors' })));
    expect(await left.dump()).toEqual(before);
  });

  it('is one of very many that were tried', () => {
    const all = named.flatMap(([name, route]) => wrongRequests(name, route, left.known, routeList));
    expect(all.length).toBeGreaterThan(1_000);
    expect(
      new Set(all.map(({ method, target, body }) => `${method} ${target} ${body?.slice(0, 2_000)} ${body?.length}`)).size,
    ).toBeGreaterThan(1_000);
  });

  it.each([
    ['cancelJob', '?mode=suspend', 400, 'BAD_REQUEST'],
    ['cancelJob', '?mode=stop', 308, 'STOP_MODE_REMOVED'],
    ['jobExceptions', '?maxExceptions=many', 400, 'BAD_REQUEST'],
    ['jobExceptions', '?maxExceptions=-1', 400, 'BAD_REQUEST'],
    ['snapshots', '?job=..', 400, 'BAD_REQUEST'],
    ['collected', '?name=..%2F..%2Fcheckpoints', 400, 'BAD_REQUEST'],
    ['collected', '?name=..', 400, 'BAD_REQUEST'],
    ['collected', `?after=${'x'.repeat(5_000)}`, 400, 'BAD_REQUEST'],
    ['vertexMetrics', `?get=${'x'.repeat(5_000)}`, 400, 'BAD_REQUEST'],
    ['inspectSnapshot', '?path=', 403, 'PATH_NOT_ALLOWED'],
    ['inspectSnapshot', '?path=s3%3A%2F%2Fweir%2Fsavepoints%2Fnone', 400, 'SAVEPOINT_NOT_FOUND'],
    ['inspectSnapshot', '?', 400, 'BAD_REQUEST'],
    ['planProgramByGet', '?parallelism=0', 400, 'BAD_REQUEST'],
    ['planProgramByGet', '?parallelism=99999', 400, 'BAD_REQUEST'],
    ['planProgramByGet', '?programArg=--rate,fast', 400, 'INVALID_ARGUMENTS'],
  ] as const)('of %s in its query, %s, is refused too', async (name, query, status, code) => {
    const { target } = rightRequest(name, routes[name] as unknown as Route, left.known);
    const wrong = { what: query, method: routes[name].method, target: target.split('?')[0]! + query, status, code };
    const before = await left.dump();
    expect(await refusalOf(wrong)).toEqual({ what: query, status, code, shape: 'errors' });
    expect(await left.dump()).toEqual(before);
  });

  it.each(['/', '/v1', '/v2/jobs', '/v1/v1/jobs', '/JOBS', '/jobs.json', '/index.html', '/jars/upload'])(
    'to no route is told its own path: %s',
    async (target) => {
      const { status, text } = await sendRaw(left.server.url, { method: 'GET', target });
      expect({ status, json: JSON.parse(text) }).toEqual({ status: 404, json: { errors: [`Not found: ${target}`] } });
    },
  );

  it.each(['/jobs/', '/jobs//', '//jobs', '/v1/jobs/', '/x/../jobs', '/%2e%2e/jobs'])(
    'is not one with slashes or dots that lead nowhere: %s',
    async (target) => {
      expect(await sendRaw(left.server.url, { method: 'GET', target })).toMatchObject({ status: 200 });
    },
  );
});

describe('a request for what can no longer be', () => {
  it.each(['savepoints', 'stop', 'checkpoints'])('is accepted for a job that has ended, or that there never was: POST %s', async (verb) => {
    for (const [job, code] of [
      [left.known.ended, 'JOB_ENDED'],
      ['f'.repeat(32), 'JOB_NOT_FOUND'],
    ] as const) {
      const asked = await sendRaw(left.server.url, { method: 'POST', target: `/v1/jobs/${job}/${verb}`, body: '{}' });
      expect(asked.status).toBe(202);
      const { 'request-id': id } = JSON.parse(asked.text) as { readonly 'request-id': string };
      const polled = await sendRaw(left.server.url, {
        method: 'GET',
        target: `/v1/jobs/${job}/${verb === 'stop' ? 'savepoints' : verb}/${id}`,
      });
      const { status, operation } = JSON.parse(polled.text) as { readonly status: object; readonly operation: Record<string, object> };
      expect([polled.status, status]).toEqual([200, { id: 'COMPLETED' }]);
      expect(operation).toEqual({
        [verb === 'checkpoints' ? 'failureCause' : 'failure-cause']: expect.objectContaining({
          class: 'org.apache.flink.runtime.messages.FlinkJobNotFoundException',
          'stack-trace': expect.any(String),
          'serialized-throwable': expect.stringMatching(/^rO0AB/),
          weir: expect.objectContaining({ code }),
        }),
      });
    }
  });
});
