import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before an API as a gateway with an authorizer does: passes on what has this Authorization header, and refuses the rest. */
export async function startGate(
  url: string,
  authorization: string,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((asked, answer) => {
    if (asked.headers.authorization !== authorization) {
      answer.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: ['No token, no answer.'] }));
      return;
    }
    const headers = { ...asked.headers, host: new URL(url).host };
    const passedOn = request(`${url}${asked.url}`, { method: asked.method ?? 'GET', headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    passedOn.on('error', () => answer.destroy());
    asked.pipe(passedOn);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
