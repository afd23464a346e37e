// Catches: a job that reads and writes a local disk well and object storage badly.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences } from '../../examples/flight-delays/check.ts';
import { repository, WeirProcess } from './weir-process.ts';

const input = join(repository, 'node_modules', 'vega-datasets', 'data', 'flights-5k.json');
let directory: string;
let inDirectory: readonly string[];

async function weir(...args: readonly string[]): Promise<string> {
  const { code, output } = await new WeirProcess(args).ended;
  expect(code, output).toBe(0);
  return output;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-s3-'));
  inDirectory = ['--data-dir', join(directory, 'data')];
  await weir('local', 'start', ...inDirectory);
});

afterAll(async () => {
  await weir('local', 'stop', ...inDirectory);
  rmSync(directory, { recursive: true, force: true });
});

test('flights in S3 become the same result in S3, by a job handed to the local cloud in the background', async () => {
  const { environment } = JSON.parse(await weir('local', 'status', '--json', ...inDirectory)) as { environment: Record<string, string> };
  const s3 = new S3Client({
    endpoint: environment['AWS_ENDPOINT_URL_S3']!,
    region: environment['AWS_REGION']!,
    forcePathStyle: true,
    credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID']!, secretAccessKey: environment['AWS_SECRET_ACCESS_KEY']! },
  });
  await s3.send(new PutObjectCommand({ Bucket: 'weir', Key: 'in/flights.json', Body: readFileSync(input) }));
  await weir(
    'run',
    'examples/flight-delays/job.ts',
    '-p',
    '2',
    ...inDirectory,
    '--',
    '--input',
    's3://weir/in',
    '--output',
    's3://weir/out',
  );
  const { Contents: listed = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'weir', Prefix: 'out/part-' }));
  const copied = join(directory, 'copied');
  mkdirSync(copied);
  for (const { Key } of listed) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'weir', Key: Key! }));
    writeFileSync(join(copied, basename(Key!)), await Body!.transformToByteArray());
  }
  expect(differences(input, copied)).toEqual([]);
  const { Contents: staged = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'weir', Prefix: 'out/.weir-staging' }));
  expect(staged).toEqual([]);
  s3.destroy();
});

test('a job that ended is still listed by a local cloud that starts later', async () => {
  await weir('local', 'stop', ...inDirectory);
  expect(await weir('list', '-a', ...inDirectory)).toMatch(/Terminated Jobs[\s\S]*flight-delays \(FINISHED\)/);
  await weir('local', 'start', ...inDirectory);
});
