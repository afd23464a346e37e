import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { WeirError } from '../base/errors.ts';
import type { ControlService } from './control-service.ts';
import { dispatch } from './dispatch.ts';
import { errorReply } from './error-reply.ts';
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

/**
 * Serves the control API on this machine's loopback. Browsers send requests to loopback for any page that asks them to,
 * so a request must name a loopback host, and an origin, if it has one, must be loopback too.
 */
export async function serveLocal(options: ServeOptions): Promise<LocalServer> {
  const app = new Hono();
  app.all('*', async (context) => {
    const { req } = context;
    if (!isLoopback(req.header('host')) || !isLoopbackOrigin(req.header('origin'))) {
      const refusal = errorReply(403, ['The control API of this machine answers requests of this machine only.']);
      return context.json(refusal.body, refusal.status as ContentfulStatusCode);
    }
    const body = req.method === 'GET' || req.method === 'HEAD' ? '' : await req.text();
    const request = { method: req.method, path: req.path, query: new URL(req.url).search.slice(1), body };
    const reply = await dispatch(options.service, request, routeList);
    return context.json(reply.body, reply.status as ContentfulStatusCode, { ...reply.headers });
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
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

const isLoopback = (host: string | undefined): boolean => host !== undefined && loopbackNames.has(host.replace(/:\d+$/, '').toLowerCase());

function isLoopbackOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && loopbackNames.has(new URL(origin).hostname.toLowerCase());
}
