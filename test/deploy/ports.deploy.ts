// Catches: MiniStack taking a condition, a limit or a page otherwise than what the engine was tested against.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createBucket } from '../../src/cloud/aws/create-bucket.ts';
import { createRecordTable } from '../../src/cloud/aws/create-record-table.ts';
import { dynamoDbRecordStore } from '../../src/cloud/aws/dynamodb-record-store.ts';
import { s3ObjectStore } from '../../src/cloud/aws/s3-object-store.ts';
import { losingReplies } from '../cloud/lost-reply.ts';
import { objectStoreContract } from '../cloud/object-store-contract.ts';
import { recordStoreContract } from '../cloud/record-store-contract.ts';
import { MiniStack } from './ministack.ts';
import { withMiniStack } from './with-ministack.ts';

await withMiniStack('the ports of the cloud', (python) => {
  /** A client's settings, and what ends both. */
  const started = async () => {
    const cloud = await MiniStack.start(python);
    const settings = { endpoint: cloud.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    return { settings, close: () => cloud[Symbol.asyncDispose]() };
  };

  recordStoreContract('DynamoDB in MiniStack', async () => {
    const { settings, close } = await started();
    const client = new DynamoDBClient(settings);
    await createRecordTable({ client, table: 'records', clock: systemClock });
    const store = dynamoDbRecordStore({ client, table: 'records', clock: systemClock, random: seededRandom('dynamo') });
    return { store, close, loseNextReply: losingReplies(client).arm };
  });

  objectStoreContract('S3 in MiniStack', async () => {
    const { settings, close } = await started();
    const client = new S3Client({ ...settings, forcePathStyle: true });
    await createBucket({ client, bucket: 'a-bucket' });
    return { store: s3ObjectStore(client), root: 's3://a-bucket/some', close, loseNextReply: losingReplies(client).arm };
  });
});
