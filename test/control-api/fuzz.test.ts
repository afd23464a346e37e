// Catches: a request that no one thought of which is answered with a failure of ours, in another shape than the OpenAPI document
// says, or after something was changed that should not. What is sent is made from that document, by seed.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../src/base/version.ts';
import { openApiDocument } from '../../src/control-api/open-api.ts';
import type { Route } from '../../src/control-api/route.ts';
import { routes } from '../../src/control-api/routes.ts';
import { LeftJobs } from './left-jobs.ts';
import { arbitraryOf, type JsonSchema } from './schema-arbitrary.ts';
import { sendRaw } from './send-raw.ts';

const named = routes as unknown as Readonly<Record<string, Route>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly schema: JsonSchema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
}

/** As a client reads it. */
const { paths } = JSON.parse(JSON.stringify(openApiDocument(named, version))) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, ...operation })),
);

/** Change nothing, whatever they are asked. */
const harmless = (operationId: string): boolean => {
  const { method, group } = named[operationId]!;
  return method === 'GET' ? group !== 'cancel' : ['planProgram', 'checkProgram', 'checkRestore'].includes(operationId);
};

let left: LeftJobs;
beforeAll(async () => {
  left = await LeftJobs.make();
});
afterAll(() => left[Symbol.asyncDispose]());

/** Of what is live only to look at: a job that is begun or goes on would change things by itself. */
function knownFor(operationId: string): Readonly<Record<string, readonly unknown[]>> {
  const { live, ended, vertex, checkpoint, operation, savepoint, disposal, program, jobGraph } = left.known;
  const look = harmless(operationId);
  const places = [savepoint, `${savepoint}/_metadata`, 's3://weir/savepoints/none', 's3://foreign/x'];
  return {
    jobid: look ? [ended, live] : [ended],
    job: [ended, live],
    vertexid: [vertex],
    checkpointid: [String(checkpoint), '1'],
    triggerid: [operation, disposal],
    id: look ? [program] : ['no-such-program'],
    graph: [jobGraph],
    'savepoint-path': places,
    savepointPath: places,
    path: places,
    before: places,
    after: places,
    target: ['s3://weir/savepoints/copy'],
    programArgs: [{ rate: '50' }, { rate: 'fast' }],
    mode: ['cancel', 'stop'],
    get: ['0.numRecordsIn', 'numRecordsIn'],
  };
}

interface Sent {
  readonly target: string;
  readonly body?: string;
}

function requestsOf({ method, path, operationId, parameters = [], requestBody }: (typeof operations)[number]): fc.Arbitrary<Sent> {
  const known = knownFor(operationId);
  const text = (of: Parameter) =>
    arbitraryOf(of.schema, known, of.name).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const values = fc.record(
    Object.fromEntries(parameters.map((each) => [each.name, each.in === 'path' ? text(each) : fc.option(text(each))])),
  );
  const body =
    requestBody === undefined ? fc.constant(undefined) : bodiesOf(arbitraryOf(requestBody.content['application/json'].schema, known));
  return fc.tuple(values, body).map(([given, sent]) => {
    const of = given as Readonly<Record<string, string | null>>;
    const query = new URLSearchParams();
    for (const each of parameters)
      if (each.in === 'query' && of[each.name] !== null) query.append(each.name, of[each.name]!.toWellFormed());
    const way = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(leadsOn(of[name]!.toWellFormed())));
    return {
      target: way + (query.size === 0 ? '' : `?${query.toString()}`),
      ...(sent === undefined || method === 'GET' ? {} : { body: sent }),
    };
  });
}

/** With nothing or dots in its place, a path is another one. */
const leadsOn = (segment: string): string => (/^\.{0,2}$/.test(segment) ? 'none' : segment);

const bodiesOf = (values: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: values.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );

const refusal = (json: unknown): boolean => {
  const { errors, ...more } = json as { readonly errors?: unknown };
  return Array.isArray(errors) && errors.length > 0 && errors.every((each) => typeof each === 'string') && Object.keys(more).length === 0;
};

describe('a request made from the OpenAPI document', () => {
  it.each(operations)('to $operationId is answered as it says', async (operation) => {
    const { method, operationId } = operation;
    const { reply, status: success } = named[operationId]!;
    let before = await left.dump();
    await fc.assert(
      fc.asyncProperty(requestsOf(operation), async (sent) => {
        const { status, text } = await sendRaw(left.server.url, { method, ...sent });
        const json: unknown = JSON.parse(text);
        if (status === success) {
          const read = reply.safeParse(json);
          expect(read.error?.issues ?? []).toEqual([]);
        } else {
          expect({ status, text: text.slice(0, 1_000), isRefusal: refusal(json) }).toMatchObject({ isRefusal: true });
          expect(status, text).toBeLessThan(500);
          expect(status, text).toBeGreaterThanOrEqual(300);
        }
        if (harmless(operationId)) return;
        const after = await left.dump();
        if (status !== success) expect(after).toEqual(before);
        before = after;
      }),
      { numRuns: 20, ...(process.env['WEIR_SEED'] === undefined ? {} : { seed: Number(process.env['WEIR_SEED']) }) },
    );
    if (harmless(operationId)) expect(await left.dump()).toEqual(before);
  });
});
