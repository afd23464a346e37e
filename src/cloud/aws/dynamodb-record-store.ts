import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { WeirError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import {
  type PutCondition,
  type PutOutcome,
  type QueryOptions,
  type QueryPage,
  type RecordFields,
  type RecordKey,
  type RecordStore,
  type StoredRecord,
  writeMark,
} from '../record-store.ts';
import { attributeBytes, attributesFrom, fieldsFrom } from './attribute-values.ts';
import { attemptsOf, serviceError } from './service-error.ts';

/*
 * Records as DynamoDB items: `p` and `s` the key, `r` the revision, `w` the mark of the write that made it, `f` the
 * fields, `x` when the item may expire, in seconds.
 *
 * 1. The SDK repeats a call whose reply was lost. A condition that then fails because of the call's own first try is
 *    known by the mark of the item it found.
 * 2. If that item bears another mark, yet our first try may have come in between (the SDK tried more than once, and the
 *    item has seen more writes than the condition's), nobody can know: that is an error, outcome unknown.
 * 3. An unconditional put is conditional on not having happened already, so a repeat doesn't raise the revision again.
 */

export interface DynamoDbRecordStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
  readonly random: Random;
}

type Item = Record<string, AttributeValue>;

/** BatchGetItem's bound. */
const batchKeysMax = 100;
const batchesAtOnce = 8;
/** Rounds without one item before a batch is given up as throttled: about ten seconds. */
const fruitlessRoundsMax = 9;

export function dynamoDbRecordStore({ client, table, clock, random }: DynamoDbRecordStoreOptions): RecordStore {
  const call = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (thrown) {
      throw serviceError({ service: 'DynamoDB', operation, on: table }, thrown);
    }
  };

  const get = (key: RecordKey) =>
    call('GetItem', async () => {
      const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: itemKey(key), ConsistentRead: true }));
      return item === undefined ? undefined : recordFrom(item);
    });

  /** The item of a failed condition: DynamoDB sends it along, others leave it to be read. */
  const found = async (key: RecordKey, failure: ConditionalCheckFailedException): Promise<Item | undefined> => {
    if (failure.Item !== undefined) return failure.Item;
    const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: itemKey(key), ConsistentRead: true }));
    return item;
  };

  const getBatch = async (keys: readonly RecordKey[], into: Map<string, StoredRecord>): Promise<void> => {
    let asked: Item[] = keys.map(itemKey);
    let fruitless = 0;
    while (asked.length > 0) {
      const reply: BatchGetItemCommandOutput = await call('BatchGetItem', () =>
        client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: asked, ConsistentRead: true } } })),
      );
      const items = reply.Responses?.[table] ?? [];
      for (const item of items) {
        const record = recordFrom(item);
        into.set(identity(record.key), record);
      }
      asked = reply.UnprocessedKeys?.[table]?.Keys ?? [];
      if (asked.length === 0) return;
      fruitless = items.length > 0 ? 0 : fruitless + 1;
      if (fruitless > fruitlessRoundsMax) throw throttledBatch(table, asked.length);
      await clock.sleep((0.5 + random.fraction() / 2) * 25 * 2 ** fruitless);
    }
  };

  return {
    get,

    async getMany(keys) {
      const distinct = [...new Map(keys.map((key) => [identity(key), key])).values()];
      const batches: RecordKey[][] = [];
      for (let i = 0; i < distinct.length; i += batchKeysMax) batches.push(distinct.slice(i, i + batchKeysMax));
      const records = new Map<string, StoredRecord>();
      for (let i = 0; i < batches.length; i += batchesAtOnce) {
        await Promise.all(batches.slice(i, i + batchesAtOnce).map((batch) => getBatch(batch, records)));
      }
      return keys.map((key) => records.get(identity(key)));
    },

    async put(key, fields, condition, expiresAt) {
      const mark = writeMark(random);
      const item = itemFrom(key, fields, mark, expiresAt);
      const operation = condition.kind === 'always' ? 'UpdateItem' : 'PutItem';
      return call(operation, async () => {
        try {
          if (condition.kind === 'always') return { kind: 'stored', revision: await overwrite(client, table, key, item) };
          const revision = condition.kind === 'absent' ? 1 : condition.revision + 1;
          await putItem(client, table, { ...item, r: { N: String(revision) } }, condition);
          return { kind: 'stored', revision };
        } catch (failure) {
          if (!(failure instanceof ConditionalCheckFailedException)) throw failure;
          return judgeConflict(await found(key, failure), condition, mark, attemptsOf(failure), table);
        }
      });
    },

    async delete(key) {
      await call('DeleteItem', () => client.send(new DeleteItemCommand({ TableName: table, Key: itemKey(key) })));
    },

    query: (partition, options = {}) => call('Query', () => query(client, table, partition, options)),
  };
}

async function putItem(
  client: DynamoDBClient,
  table: string,
  item: Item,
  condition: Exclude<PutCondition, { kind: 'always' }>,
): Promise<void> {
  await client.send(
    new PutItemCommand({
      TableName: table,
      Item: item,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...(condition.kind === 'absent'
        ? { ConditionExpression: 'attribute_not_exists(p)' }
        : { ConditionExpression: 'r = :r', ExpressionAttributeValues: { ':r': { N: String(condition.revision) } } }),
    }),
  );
}

async function overwrite(client: DynamoDBClient, table: string, key: RecordKey, item: Item): Promise<number> {
  const expires = item.x === undefined ? {} : { ':x': item.x };
  const { Attributes: stored } = await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: itemKey(key),
      UpdateExpression: `SET f = :f, w = :w${item.x === undefined ? '' : ', x = :x'} ADD r :one${item.x === undefined ? ' REMOVE x' : ''}`,
      ConditionExpression: 'attribute_not_exists(p) OR w <> :w',
      ExpressionAttributeValues: { ':f': item.f!, ':w': item.w!, ':one': { N: '1' }, ...expires },
      ReturnValues: 'UPDATED_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  return Number(stored?.r?.N);
}

/** What a failed condition means (1, 2). */
function judgeConflict(item: Item | undefined, condition: PutCondition, mark: string, attempts: number, table: string): PutOutcome {
  const current = item === undefined ? undefined : recordFrom(item);
  if (current !== undefined && item?.w?.S === mark) return { kind: 'stored', revision: current.revision };
  const mine = condition.kind === 'revision' ? condition.revision + 1 : 1;
  const overtaken = condition.kind === 'always' || (attempts > 1 && (current === undefined || current.revision > mine));
  if (!overtaken) return { kind: 'conflict', current };
  throw new WeirError({
    code: 'OUTCOME_UNKNOWN',
    domain: 'external',
    message: `A write to table "${table}" was tried ${attempts} times, and the record was written since: whether one try got through is unknown.`,
    advice: 'Read before concluding.',
  });
}

async function query(client: DynamoDBClient, table: string, partition: string, { prefix, after, limit }: QueryOptions): Promise<QueryPage> {
  const hasPrefix = prefix !== undefined && prefix !== '';
  const begin = hasPrefix && after !== undefined && !after.startsWith(prefix) ? Buffer.compare(Buffer.from(after), Buffer.from(prefix)) : 0;
  // DynamoDB refuses to start outside of what is asked for.
  if (begin > 0) return { records: [], next: undefined };
  const startKey = begin < 0 || after === undefined || after === '' ? {} : { ExclusiveStartKey: itemKey({ partition, sort: after }) };
  const reply = await client.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: hasPrefix ? 'p = :p AND begins_with(s, :s)' : 'p = :p',
      ExpressionAttributeValues: { ':p': { S: partition }, ...(hasPrefix ? { ':s': { S: prefix } } : {}) },
      ...startKey,
      ...(limit === undefined ? {} : { Limit: limit }),
    }),
  );
  return { records: (reply.Items ?? []).map(recordFrom), next: reply.LastEvaluatedKey?.s?.S };
}

const itemKey = (key: RecordKey): Item => ({ p: { S: key.partition }, s: { S: key.sort } });

/** One text per key; the length keeps the two parts apart. */
const identity = (key: RecordKey) => `${key.partition.length}:${key.partition}${key.sort}`;

function recordFrom(item: Item): StoredRecord {
  const { p, s, r, f } = item;
  assert(p?.S !== undefined && s?.S !== undefined && r?.N !== undefined && f?.M !== undefined, `the item "${p?.S}", "${s?.S}" is a record`);
  return { key: { partition: p.S, sort: s.S }, revision: Number(r.N), fields: fieldsFrom(f.M) };
}

/** Everything but the revision. */
function itemFrom(key: RecordKey, fields: RecordFields, mark: string, expiresAt: number | undefined): Item {
  const item: Item = { ...itemKey(key), w: { S: mark }, f: { M: attributesFrom(fields) } };
  if (expiresAt !== undefined) item.x = { N: String(Math.ceil(expiresAt / 1000)) };
  const bytes = Object.values(item).reduce((sum, attribute) => sum + 1 + attributeBytes(attribute), 1 + 12);
  if (bytes <= limits.recordBytesMax) return item;
  throw new WeirError({
    code: 'RECORD_TOO_LARGE',
    domain: 'resources',
    message: `The record "${key.partition}", "${key.sort}" must not exceed ${limits.recordBytesMax} bytes, DynamoDB's bound, but takes about ${Math.ceil(bytes)}.`,
  });
}

function throttledBatch(table: string, keys: number): WeirError {
  return new WeirError({
    code: 'THROTTLED',
    domain: 'resources',
    message: `DynamoDB BatchGetItem on "${table}" left ${keys} keys unprocessed, again and again.`,
    advice: "Try again later, or raise the table's limit.",
  });
}
