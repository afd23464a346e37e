// Catches: a page of another site that reaches the local cloud through the user's browser, a request that fills the memory of
// the cloud, and an answer to what is no request that Flink's client would take for a success.
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedJobs, serveJobs } from './served-jobs.ts';

let served: ServedJobs;
beforeAll(async () => {
  served = await serveJobs();
});
afterAll(() => served[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** Bytes as they are: no client would send most of these. */
async function exchange(send: (socket: Socket) => Promise<void> | void): Promise<Answer> {
  const socket = connectSocket(served.server.port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  // The server may close while there is more to send.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await send(socket);
  await closed;
  const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n') + 4)];
  const chunked = /transfer-encoding: chunked/i.test(head);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), json: JSON.parse(chunked ? body.split('\r\n')[1]! : body) };
}

const errors = { errors: [expect.any(String)] };
const get = (path: string, ...headers: readonly string[]) =>
  exchange((socket) => void socket.write([`GET ${path} HTTP/1.1`, 'connection: close', ...headers, '', ''].join('\r\n')));

describe('the local server', () => {
  it('listens on loopback only', async () => {
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address } of others.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      const socket = connectSocket(served.server.port, address);
      const [error] = (await once(socket, 'error')) as unknown as readonly [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
    }
  });

  it.each([
    ['a name that was made to lead here', ['host: rebound.example']],
    ['such a name with our port', ['host: rebound.example:8081']],
    ['a name that only begins as ours', ['host: localhost.rebound.example']],
    ['a name that only ends as ours', ['host: rebound.localhost:80']],
    ['another address of this machine', ['host: 0.0.0.0:8081']],
    ['the same for IPv6', ['host: [::]:8081']],
    ['the origin of another site', ['host: localhost', 'origin: https://rebound.example']],
    ['an origin that only begins as ours', ['host: localhost', 'origin: http://localhost.rebound.example']],
    ['the origin of a page without one', ['host: localhost', 'origin: null']],
    ['an origin of a file', ['host: localhost', 'origin: file://']],
    ['an address of another site in the first line', ['host: localhost'], 'http://rebound.example/jobs'],
  ])('refuses %s', async (_, headers, path = '/jobs') => {
    expect(await get(path, ...headers)).toEqual({ status: 403, json: errors });
  });

  it.each([
    ['host: localhost'],
    ['host: LOCALHOST:8081'],
    ['host: 127.0.0.1:9'],
    ['host: [::1]:8081'],
    ['host: localhost', 'origin: http://127.0.0.1:3000'],
  ])('takes %s', async (...headers) => {
    expect(await get('/jobs', ...headers)).toMatchObject({ status: 200 });
  });

  it('gives no page of another site leave to read its answers', async () => {
    const { headers } = await fetch(`${served.server.url}/jobs`, { headers: { origin: 'http://localhost' } });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    const preflight = await fetch(`${served.server.url}/jobs`, {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(404);
  });

  it('refuses ten megabytes by their length, before it has read them', async () => {
    const head = 'POST /savepoint-disposal HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10485760\r\n\r\n';
    const { status, json } = await exchange((socket) => void socket.write(head));
    expect({ status, json }).toEqual({ status: 413, json: errors });
    expect(JSON.stringify(json)).toContain('at most 1048576 bytes, but has 10485760');
  });

  it('refuses a body without end once it is too long', async () => {
    const chunk = 'x'.repeat(65_536);
    let sent = 0;
    const answer = await exchange(async (socket) => {
      socket.write('POST /savepoint-disposal HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
      while (!socket.destroyed && !socket.readableEnded && sent < 256 * 1024 * 1024) {
        sent += chunk.length;
        if (!socket.write(`10000\r\n${chunk}\r\n`))
          await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
      }
    });
    expect(answer).toEqual({ status: 413, json: errors });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('takes a body that is as long as it may be', async () => {
    const body = `{"savepoint-path":"s3://foreign/x","more":"${'x'.repeat(1024 * 1024 - 45)}"}`;
    const response = await fetch(`${served.server.url}/savepoint-disposal`, { method: 'POST', body });
    expect([body.length, response.status]).toEqual([1024 * 1024, 403]);
  });

  it('answers headers that are too long, and what is no request, in the shape of any error', async () => {
    expect(await get('/jobs', 'host: localhost', `cookie: ${'x'.repeat(20_000)}`)).toEqual({ status: 431, json: errors });
    expect(await get(`/jobs/${'x'.repeat(20_000)}`, 'host: localhost')).toEqual({ status: 431, json: errors });
    expect(await exchange((socket) => void socket.write('no request at all\r\n\r\n'))).toEqual({ status: 400, json: errors });
    for (const host of ['host:', 'host: rebound.example@localhost', 'host: local host', 'host: [']) {
      expect(await get('/jobs', host), host).toEqual({ status: 400, json: errors });
    }
    expect(await get('/jobs\\..\\config', 'host: localhost')).toEqual({ status: 400, json: errors });
    expect(await get('//rebound.example/jobs', 'host: localhost')).toEqual({ status: 404, json: errors });
  });
});
