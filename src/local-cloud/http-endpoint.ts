import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, WeirError } from '../base/errors.ts';
import type { Endpoint } from './endpoint.ts';

export interface HttpRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request with more is refused before it is read. */
const bodyBytesMax = 8 * 1024 * 1024;

/** A small server. Port 0 takes a free one. Throws WeirError `PORT_IN_USE`. */
export async function startHttp(host: string, port: number, answer: (request: HttpRequest) => Promise<HttpReply>): Promise<Endpoint> {
  const server = createServer((request, response) => void respond(request, response, answer));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port)));
    server.listen(port, host, () => resolve());
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: (request: HttpRequest) => Promise<HttpReply>,
): Promise<void> {
  const body = await bodyOf(incoming);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const reply = await answerOrFail(answer, {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    header: (name) => {
      const value = incoming.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    body,
  });
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(Buffer.byteLength(reply.body)) }).end(reply.body);
}

async function answerOrFail(answer: (request: HttpRequest) => Promise<HttpReply>, request: HttpRequest): Promise<HttpReply> {
  try {
    return await answer(request);
  } catch (thrown) {
    return { status: 500, headers: { 'x-amzn-errortype': 'ServiceException' }, body: JSON.stringify({ Message: messageOf(thrown) }) };
  }
}

function listenError(error: Error, port: number): Error {
  if (!('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new WeirError({
    code: 'PORT_IN_USE',
    domain: 'user',
    message: `The embedded cloud was to listen on port ${port}, but another process does.`,
    advice: 'Stop that process, or choose another port.',
    cause: error,
  });
}

/** Nothing if there is too much of it, or the client left. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming) {
      bytes += (chunk as Buffer).byteLength;
      if (bytes > bodyBytesMax) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
