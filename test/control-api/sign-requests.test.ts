// Catches: a signature that API Gateway refuses, or that leaves out something of the request which could be changed on its way.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlClient } from '../../src/control-api/client.ts';
import { signRequests } from '../../src/control-api/sign-requests.ts';
import { isSigned, type SignedRequest } from './signature-verifier.ts';

describe('the verifier', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const of = { region: 'us-east-1', service: 'service' };
  const vector = (method: string, target: string, signature: string, more: Record<string, string> = {}, body = ''): SignedRequest => {
    const headers: Record<string, string> = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z', ...more };
    const signed = Object.keys(headers)
      .sort((a, b) => (a < b ? -1 : 1))
      .join(';');
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`;
    return { method, target, headers: { ...headers, authorization }, body };
  };

  // Of AWS's own test suite for Signature Version 4.
  it.each([
    ['get-vanilla', vector('GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')],
    [
      'get-vanilla-query-order-key-case',
      vector('GET', '/?Param2=value2&Param1=value1', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'),
    ],
    [
      'get-unreserved',
      vector(
        'GET',
        '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
        '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
      ),
    ],
    ['get-utf8', vector('GET', '/ሴ', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85')],
    ['post-vanilla', vector('POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b')],
    [
      'post-x-www-form-urlencoded',
      vector(
        'POST',
        '/',
        'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
        { 'content-type': 'application/x-www-form-urlencoded' },
        'Param1=value1',
      ),
    ],
  ])('agrees with the test vector %s', (_, request) => {
    expect(isSigned(request, secret, of)).toBe(true);
    expect(isSigned(request, `${secret}x`, of)).toBe(false);
    expect(isSigned({ ...request, body: `${request.body}x` }, secret, of)).toBe(false);
  });
});

describe('a client that signs', () => {
  let server: Server;
  let came: SignedRequest[] = [];
  const reply = { status: 200, body: '{"errors":["as asked for"]}' };

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        came.push({ method: request.method!, target: request.url!, headers: request.headers as Record<string, string>, body });
        response.writeHead(reply.status, { 'content-type': 'application/json', location: '/elsewhere' }).end(reply.body);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const secretAccessKey = 'x/9+secret';
  const of = { region: 'eu-central-1', service: 'execute-api' };
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const client = (sessionToken?: string) => {
    const credentials = async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    return controlClient(url(), { authenticate: signRequests({ region: of.region, credentials }) });
  };
  const jobid = 'a'.repeat(32);

  it.each([
    ['a query', () => client().jobsOverview({})],
    [
      'a path that is encoded',
      () => client().runProgram({ id: "näme with spaces/and (slashes)'!*" }, { programArgs: { a: 'ü€ "quoted"' } }),
    ],
    ['a query string', () => client().inspectSnapshot({}, {}, { path: "s3://bucket/a b/c+d&e=f%20g'()*!~ü" })],
    ['a PATCH', () => client().cancelJob({ jobid })],
    ['credentials of a session', () => client('IQoJb3Jp/+session==').triggerSavepoint({ jobid }, { 'cancel-job': true })],
  ])('signs %s, and all that is said with it', async (_, ask) => {
    came = [];
    await expect(ask()).rejects.toMatchObject({ code: 'REQUEST_REFUSED', message: 'as asked for' });
    const [request] = came as unknown as readonly [SignedRequest];
    expect(request.headers['content-type']).toBe('application/json; charset=UTF-8');
    expect(request.headers['authorization']).toMatch(/SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date/);
    expect(isSigned(request, secretAccessKey, of)).toBe(true);
    for (const changed of [
      { ...request, method: 'DELETE' },
      { ...request, target: `${request.target}x` },
      { ...request, body: `${request.body} ` },
      { ...request, headers: { ...request.headers, host: 'elsewhere' } },
    ]) {
      expect(isSigned(changed, secretAccessKey, of)).toBe(false);
    }
  });

  it('sends the token of a session, signed', async () => {
    came = [];
    await expect(client('session').jobs({})).rejects.toThrow();
    expect(came[0]!.headers).toMatchObject({
      'x-amz-security-token': 'session',
      authorization: expect.stringContaining('x-amz-security-token'),
    });
  });

  it('follows no redirect: that would take its signature elsewhere', async () => {
    came = [];
    reply.status = 307;
    await expect(client().jobs({})).rejects.toThrow();
    reply.status = 200;
    expect(came).toHaveLength(1);
  });

  it('tells what keeps it from signing', async () => {
    const authenticate = signRequests({
      region: of.region,
      credentials: async () => {
        throw new RangeError('no credentials here');
      },
    });
    await expect(controlClient(url(), { authenticate }).jobs({})).rejects.toThrow('no credentials here');
  });
});
