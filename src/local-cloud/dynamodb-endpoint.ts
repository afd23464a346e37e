import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import type { Endpoint } from './endpoint.ts';

/**
 * DynamoDB. With a folder, LevelDB hands every write to the system before it is answered: what was answered survives
 * the end of this process, though not of the machine.
 */
export async function startDynamoDb(host: string, folder: string | undefined): Promise<Endpoint> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(folder === undefined ? {} : { path: folder }) });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => resolve());
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
