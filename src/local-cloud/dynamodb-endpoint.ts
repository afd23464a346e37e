import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import dynalite from 'dynalite';
import type { Endpoint } from './endpoint.ts';

/**
 * DynamoDB. With a folder, LevelDB hands every write to the system before it is answered: what was answered survives
 * the end of this process, though not of the machine.
 */
export async function startDynamoDb(host: string, folder: string | undefined): Promise<Endpoint> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(folder === undefined ? {} : { path: folder }) });
  const underWay = countRequests(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => resolve());
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      for (let waitedMs = 0; underWay() > 0 && waitedMs < drainMsMax; waitedMs += drainPollMs) await pause(drainPollMs);
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
        server.closeAllConnections();
      });
    },
  };
}

const drainMsMax = 2_000;
const drainPollMs = 2;

/**
 * How many requests are not answered yet. Dynalite throws out of nowhere when its database is closed under one, also
 * under one whose client is gone: an answer counts when it is made, whether or not anybody is there to take it.
 */
function countRequests(server: Server): () => number {
  let count = 0;
  server.prependListener('request', (request, response) => {
    count++;
    let isOver = false;
    const over = () => {
      if (!isOver) count--;
      isOver = true;
    };
    const end = response.end;
    response.end = function (this: typeof response, ...given: Parameters<typeof end>) {
      over();
      return end.apply(this, given);
    } as typeof end;
    // A request that was never whole is never answered.
    request.once('close', () => {
      if (!request.complete) over();
    });
  });
  return () => count;
}
