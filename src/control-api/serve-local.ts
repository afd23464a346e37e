import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { ControlService } from './control-service.ts';
import { type ApiReply, dispatch } from './dispatch.ts';
import { errorReply, replyTo } from './error-reply.ts';
import { readBody } from './read-body.ts';
import { routeList } from './routes.ts';

export interface ServeOptions {
  readonly service: ControlService;
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

export interface LocalServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

async function answer(service: ControlService, request: Request): Promise<Pick<ApiReply, 'status' | 'body' | 'headers'>> {
  const { headers, method } = request;
  const { host, pathname, search } = new URL(request.url);
  // The first line of a request may name a host too.
  if (!isLoopback(headers.get('host')) || !isLoopback(host) || !isLoopbackOrigin(headers.get('origin'))) {
    return errorReply(403, ['The control API of this machine answers requests of this machine only.']);
  }
  try {
    return await dispatch(service, { method, path: pathname, query: search.slice(1), body: await readBody(request) }, routeList);
  } catch (thrown) {
    // What is left of the body is not waited for.
    const reply = replyTo(thrown);
    return { ...reply, headers: { ...reply.headers, connection: 'close' } };
  }
}

const notHttp = { errors: ['This is no HTTP request that can be read.'] };

/** What Node can't read as a request, headers that are too long among it, is answered in the shape of any error. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const body = JSON.stringify(tooLong ? { errors: ['The headers of the request are too long.'] } : notHttp);
  const head = [
    `HTTP/1.1 ${tooLong ? '431 Request Header Fields Too Large' : '400 Bad Request'}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * Serves the control API on this machine's loopback. Browsers send requests to loopback for any page that asks them to,
 * so a request must name a loopback host, and an origin, if it has one, must be loopback too.
 */
export async function serveLocal(options: ServeOptions): Promise<LocalServer> {
  const app = new Hono();
  app.all('*', async (context) => {
    const { status, body, headers } = await answer(options.service, context.req.raw);
    return context.json(body, status as ContentfulStatusCode, { ...headers });
  });
  const errorHandler = () => Response.json(notHttp, { status: 400 });
  const listener = getRequestListener(app.fetch, { errorHandler });
  const server = createServer({ maxHeaderSize: limits.requestHeaderBytesMax }, (request, response) => void listener(request, response));
  server.on('clientError', refuseUnreadable);
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${loopback}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new WeirError({
          code: taken ? 'PORT_IN_USE' : 'CANNOT_LISTEN',
          domain: 'user',
          message: taken ? `Port ${port} is in use on this machine.` : `Cannot listen on port ${port}: ${cause.message}.`,
          advice: 'Choose another port, or none to take any that is free.',
          cause,
        }),
      );
    });
    server.listen(port, loopback, () => resolve());
  });
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

const isLoopback = (host: string | null): boolean => host !== null && loopbackNames.has(host.replace(/:\d+$/, '').toLowerCase());

function isLoopbackOrigin(origin: string | null): boolean {
  if (origin === null) return true;
  return URL.canParse(origin) && loopbackNames.has(new URL(origin).hostname.toLowerCase());
}
