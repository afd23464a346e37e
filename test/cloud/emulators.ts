import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { startS3 as startEmbeddedS3 } from '../../src/local-cloud/s3-endpoint.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: {
  readonly createTableMs: number;
  readonly deleteTableMs: number;
}) => Server;

const settings = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** DynamoDB in this process, in memory. */
export async function startDynamoDb(): Promise<{
  readonly endpoint: string;
  readonly client: () => DynamoDBClient;
  readonly close: () => Promise<void>;
}> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: DynamoDBClient[] = [];
  return {
    endpoint,
    client: () => {
      const client = new DynamoDBClient({ ...settings, endpoint });
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** S3 in this process: the emulator itself in memory, or as the embedded cloud runs it, in a folder. */
export async function startS3(embedded?: { readonly folder: string; readonly whenClosed: () => Promise<void> }): Promise<{
  readonly endpoint: string;
  readonly client: () => S3Client;
  readonly close: () => Promise<void>;
}> {
  const { endpoint, stop } = embedded === undefined ? await bareS3() : await embeddedS3(embedded.folder);
  const clients: S3Client[] = [];
  return {
    endpoint,
    client: () => {
      const client = new S3Client({ ...settings, endpoint, forcePathStyle: true });
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await stop();
      await embedded?.whenClosed();
    },
  };
}

async function bareS3() {
  const server = await startFauxqs({ port: 0, logger: false });
  return { endpoint: `http://127.0.0.1:${server.port}`, stop: async () => await server.stop() };
}

async function embeddedS3(folder: string) {
  const { url, stop } = await startEmbeddedS3('127.0.0.1', folder);
  return { endpoint: url, stop: async () => void (await stop()) };
}
