import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../base/clock.ts';
import { WeirError } from '../../base/errors.ts';
import { nameOf, serviceError } from './service-error.ts';

const pollMs = 50;
const waitMsMax = 60_000;

/** Creates the table that `dynamoDbRecordStore` needs, unless there is one, and waits until it can be used. */
export async function createRecordTable({
  client,
  table,
  clock,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'p', AttributeType: 'S' },
          { AttributeName: 's', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'p', KeyType: 'HASH' },
          { AttributeName: 's', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (thrown) {
    if (nameOf(thrown) !== 'ResourceInUseException')
      throw serviceError({ service: 'DynamoDB', operation: 'CreateTable', on: table }, thrown);
  }
  for (let waitedMs = 0; waitedMs < waitMsMax; waitedMs += pollMs) {
    if (await isActive(client, table)) return;
    await clock.sleep(pollMs);
  }
  throw new WeirError({
    code: 'SERVICE_FAILED',
    domain: 'external',
    message: `The new table "${table}" should be ready within ${waitMsMax} ms, but is not.`,
  });
}

async function isActive(client: DynamoDBClient, table: string): Promise<boolean> {
  try {
    const { Table: description } = await client.send(new DescribeTableCommand({ TableName: table }));
    return description?.TableStatus === 'ACTIVE';
  } catch (thrown) {
    if (nameOf(thrown) === 'ResourceNotFoundException') return false;
    throw serviceError({ service: 'DynamoDB', operation: 'DescribeTable', on: table }, thrown);
  }
}
