import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { createBucket } from '../../../src/cloud/aws/create-bucket.ts';
import { createRecordTable } from '../../../src/cloud/aws/create-record-table.ts';
import { dynamoDbRecordStore } from '../../../src/cloud/aws/dynamodb-record-store.ts';
import { s3ObjectStore } from '../../../src/cloud/aws/s3-object-store.ts';
import { losingReplies } from '../../cloud/lost-reply.ts';
import type { ObjectStoreUnderTest } from '../../cloud/object-store-contract.ts';
import type { RecordStoreUnderTest } from '../../cloud/record-store-contract.ts';

/** A server that speaks AWS's protocols, for one suite. */
export interface Server extends AsyncDisposable {
  readonly url: string;
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'testtest' };
const settingsOf = (server: Server) => ({ endpoint: server.url, region: 'us-east-1', credentials });

export async function inDynamoDb(server: Server): Promise<RecordStoreUnderTest> {
  const client = new DynamoDBClient(settingsOf(server));
  await createRecordTable({ client, table: 'records', clock: systemClock });
  return {
    store: dynamoDbRecordStore({ client, table: 'records', clock: systemClock, random: seededRandom('dynamo') }),
    loseNextReply: losingReplies(client).arm,
    async close() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

export async function inS3(server: Server): Promise<ObjectStoreUnderTest> {
  const client = new S3Client({ ...settingsOf(server), forcePathStyle: true });
  await createBucket({ client, bucket: 'a-bucket' });
  return {
    store: s3ObjectStore(client),
    root: 's3://a-bucket/some',
    loseNextReply: losingReplies(client).arm,
    async close() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
