import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';

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

/** S3 in this process, in memory. */
export async function startS3(): Promise<{
  readonly endpoint: string;
  readonly client: () => S3Client;
  readonly close: () => Promise<void>;
}> {
  const server = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
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
      await server.stop();
    },
  };
}
