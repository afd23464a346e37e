// DynamoDB's adapter against an emulator: the contract, then what only this adapter can get wrong.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createRecordTable } from '../../src/cloud/aws/create-record-table.ts';
import { dynamoDbRecordStore } from '../../src/cloud/aws/dynamodb-record-store.ts';
import { startDynamoDb } from './emulators.ts';
import { losingReplies } from './lost-reply.ts';
import { recordStoreContract } from './record-store-contract.ts';

recordStoreContract('DynamoDB', async () => {
  const emulator = await startDynamoDb();
  const client = emulator.client();
  await createRecordTable({ client, table: 'records', clock: systemClock });
  const replies = losingReplies(client);
  const store = dynamoDbRecordStore({ client, table: 'records', clock: systemClock, random: seededRandom('dynamo') });
  return { store, close: emulator.close, loseNextReply: replies.arm };
});

describe('the DynamoDB record store', () => {
  let emulator: Awaited<ReturnType<typeof startDynamoDb>>;
  let stores = 0;
  const storeOf = (client: DynamoDBClient, table = 'records') =>
    dynamoDbRecordStore({ client, table, clock: systemClock, random: seededRandom(stores++) });
  beforeAll(async () => {
    emulator = await startDynamoDb();
    await createRecordTable({ client: emulator.client(), table: 'records', clock: systemClock });
  });
  afterAll(() => emulator.close());

  it('finds its table again', async () => {
    await createRecordTable({ client: emulator.client(), table: 'records', clock: systemClock });
  });

  it('says that the outcome is unknown where another write came between a lost reply and the repeat', async () => {
    const key = { partition: 'overtaken', sort: 's' };
    const other = storeOf(emulator.client());
    const client = emulator.client();
    client.middlewareStack.add(
      (next) => async (args) => {
        const reply = await next(args);
        if (raced) return reply;
        raced = true;
        await other.put(key, { by: 'other' }, { kind: 'revision', revision: 1 });
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      },
      { step: 'deserialize', priority: 'high' },
    );
    let raced = false;
    await expect(storeOf(client).put(key, { by: 'mine' }, { kind: 'absent' })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      domain: 'external',
    });
    expect(await other.get(key)).toMatchObject({ revision: 2, fields: { by: 'other' } });
  });

  it('takes the found item from the reply where the service sends it along', async () => {
    const client = emulator.client();
    const reads: string[] = [];
    client.middlewareStack.add(
      (next, context) => async (args) => {
        reads.push(String(context.commandName));
        try {
          return await next(args);
        } catch (failure) {
          if ((failure as Error).name === 'ConditionalCheckFailedException') {
            Object.assign(failure as Error, {
              Item: { p: { S: 'p' }, s: { S: 's' }, r: { N: '7' }, w: { S: 'other' }, f: { M: { a: { N: '1' } } } },
            });
          }
          throw failure;
        }
      },
      { step: 'initialize' },
    );
    const store = storeOf(client);
    const key = { partition: 'sent along', sort: 's' };
    await store.put(key, {}, { kind: 'absent' });
    expect(await store.put(key, {}, { kind: 'absent' })).toEqual({
      kind: 'conflict',
      current: { key: { partition: 'p', sort: 's' }, revision: 7, fields: { a: 1 } },
    });
    expect(reads).toEqual(['PutItemCommand', 'PutItemCommand']);
  });

  it('asks for unprocessed keys again, and gives up as throttled after a while', async () => {
    const slept: number[] = [];
    const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) };
    const client = emulator.client();
    let rounds = 0;
    let refuseAll = false;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== 'BatchGetItemCommand') return next(args);
        rounds++;
        const keys = (args.input as { RequestItems: { records: { Keys: unknown[] } } }).RequestItems.records.Keys;
        const served = refuseAll ? [] : keys.slice(0, 3);
        const rest = { UnprocessedKeys: served.length === keys.length ? {} : { records: { Keys: keys.slice(served.length) } } };
        if (served.length === 0) return { response: {}, output: { $metadata: {}, Responses: {}, ...rest } };
        const reply = await next({ ...args, input: { RequestItems: { records: { Keys: served, ConsistentRead: true } } } as never });
        return { ...reply, output: { ...(reply.output as object), ...rest } as never };
      },
      { step: 'initialize' },
    );
    const store = dynamoDbRecordStore({ client, table: 'records', clock, random: seededRandom('batches') });
    const keys = Array.from({ length: 10 }, (_, i) => ({ partition: 'unprocessed', sort: `${i}` }));
    for (const [i, key] of keys.entries()) await store.put(key, { i }, { kind: 'absent' });
    expect((await store.getMany(keys)).map((record) => record?.fields['i'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rounds).toBe(4);
    refuseAll = true;
    slept.length = 0;
    await expect(store.getMany(keys)).rejects.toMatchObject({ code: 'THROTTLED', domain: 'resources' });
    expect(slept.at(-1)!).toBeGreaterThan(slept[0]!);
  });

  it('names a missing table', async () => {
    const store = storeOf(emulator.client(), 'elsewhere');
    const key = { partition: 'p', sort: 's' };
    for (const refused of [
      store.get(key),
      store.getMany([key]),
      store.put(key, {}, { kind: 'always' }),
      store.delete(key),
      store.query('p'),
    ]) {
      await expect(refused).rejects.toMatchObject({
        code: 'CLOUD_RESOURCE_MISSING',
        domain: 'user',
        message: expect.stringContaining('"elsewhere"'),
      });
    }
  });

  it('names a service that cannot be reached, and keeps the cause', async () => {
    const client = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await expect(storeOf(client).get({ partition: 'p', sort: 's' })).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      domain: 'external',
      subject: { service: 'DynamoDB', operation: 'GetItem' },
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it.each([
    ['ProvisionedThroughputExceededException', 'THROTTLED', 'resources'],
    ['AccessDeniedException', 'CLOUD_ACCESS_DENIED', 'user'],
    ['UnrecognizedClientException', 'CLOUD_CREDENTIALS', 'user'],
    ['CredentialsProviderError', 'CLOUD_CREDENTIALS', 'user'],
    ['InternalServerError', 'SERVICE_FAILED', 'external'],
  ])('reports %s as %s', async (name, code, domain) => {
    const client = emulator.client();
    client.middlewareStack.add(
      () => async () => {
        throw Object.assign(new Error('said so'), { name, $metadata: {} });
      },
      { step: 'initialize' },
    );
    await expect(storeOf(client).get({ partition: 'p', sort: 's' })).rejects.toMatchObject({ code, domain });
  });
});
