// The AWS cloud as a function gets it: from nothing but a table's name and the environment.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createBucket } from '../../src/cloud/aws/create-bucket.ts';
import { createRecordTable } from '../../src/cloud/aws/create-record-table.ts';
import { awsCloud } from '../../src/cloud/aws/index.ts';
import { startDynamoDb, startS3 } from './emulators.ts';

const names = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_S3'];
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));

describe('the AWS cloud', () => {
  let records: Awaited<ReturnType<typeof startDynamoDb>>;
  let objects: Awaited<ReturnType<typeof startS3>>;

  beforeAll(async () => {
    records = await startDynamoDb();
    objects = await startS3();
    await createRecordTable({ client: records.client(), table: 'a-table', clock: systemClock });
    await createBucket({ client: objects.client(), bucket: 'a-bucket' });
    const environment = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: records.endpoint,
      AWS_ENDPOINT_URL_S3: objects.endpoint,
    };
    Object.assign(process.env, environment);
  });
  afterAll(async () => {
    for (const name of names) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await records.close();
    await objects.close();
  });

  it('reaches its stores at the endpoints of the environment', async () => {
    const cloud = awsCloud({ table: 'a-table' });
    const key = { partition: 'p', sort: 's' };
    expect(await cloud.records.put(key, { a: 1 }, { kind: 'absent' })).toEqual({ kind: 'stored', revision: 1 });
    expect(await cloud.records.getMany([key])).toEqual([{ key, revision: 1, fields: { a: 1 } }]);
    await cloud.objects.put('s3://a-bucket/key', utf8('text'));
    expect(await cloud.objects.list('s3://a-bucket/')).toEqual({ objects: [{ uri: 's3://a-bucket/key', bytes: 4 }], next: undefined });
  });

  it('refuses objects of other kinds by their scheme', async () => {
    await expect(awsCloud({ table: 'a-table' }).objects.get('gs://bucket/key')).rejects.toMatchObject({
      code: 'URI_INVALID',
      domain: 'user',
    });
  });
});
