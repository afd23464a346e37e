// Catches: a preflight that misreads CloudFormation's strings, refuses without numbers, or stops a stack from being deleted.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

describe('the preflight function', () => {
  let server: Server;
  let reply: { status: number; body: object };
  let asked: string[];
  let handler: (event: unknown, context: never) => Promise<unknown>;
  const before = { ...process.env };

  beforeAll(async () => {
    // Lambda's side of GetAccountSettings, over the wire.
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_MAX_ATTEMPTS: '1',
    });
    ({ handler } = (await import('../../functions/preflight.ts')) as never);
  });
  afterAll(() => {
    process.env = before;
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked = [];
    const AccountLimit = { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10, TotalCodeSize: 80_530_636_800 };
    reply = { status: 200, body: { AccountLimit, AccountUsage: { TotalCodeSize: 0, FunctionCount: 0 } } };
  });

  const event = (slots: string, more: object = {}) => ({
    RequestType: 'Create',
    ResourceProperties: { ServiceToken: 'arn', Deployment: 'flights', Slots: slots, ReservedConcurrency: 'false', CodeBytes: '1000' },
    ...more,
  });

  test('lets a deployment through that fits', async () => {
    expect(await handler(event('5'), undefined as never)).toEqual({ PhysicalResourceId: 'preflight-flights' });
    expect(asked).toEqual(['GET /2016-08-19/account-settings']);
  });

  test('refuses one that does not, with the numbers', async () => {
    await expect(handler(event('6'), undefined as never)).rejects.toMatchObject({
      code: 'ACCOUNT_LIMIT_EXCEEDED',
      message: expect.stringMatching(/needs 11 concurrent executions.*account's 10/) as string,
    });
  });

  test('asks nothing when a deployment is deleted', async () => {
    expect(await handler(event('6', { RequestType: 'Delete' }), undefined as never)).toEqual({ PhysicalResourceId: 'preflight-flights' });
    expect(asked).toEqual([]);
  });

  test('refuses nothing where the limits can’t be read', async () => {
    reply = { status: 403, body: { message: 'no' } };
    expect(await handler(event('6'), undefined as never)).toEqual({ PhysicalResourceId: 'preflight-flights' });
    expect(asked).toHaveLength(1);
  });
});
