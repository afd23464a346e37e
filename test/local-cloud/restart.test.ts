// Catches what is lost, or left behind, when the host is killed in the middle of its work.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLocalCloud } from '../../src/local-cloud/index.ts';
import { processIdentity } from '../../src/local-cloud/process-identity.ts';
import { clientsOf } from './clients.ts';
import { eventually } from './eventually.ts';

const hostScript = fileURLToPath(new URL('./fixtures/host.ts', import.meta.url));
const handlers = fileURLToPath(new URL('./fixtures/handlers.mjs', import.meta.url));

let dataDir: string;
const hosts: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'weir-local-cloud-'));
});

afterEach(async () => {
  for (const host of hosts.splice(0)) await kill(host);
  rmSync(dataDir, { recursive: true, force: true });
});

async function startHost(): Promise<{ host: ChildProcess; endpoints: Readonly<Record<string, string>> }> {
  const host = fork(hostScript, [dataDir, handlers], {
    execArgv: ['--conditions=weir-source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  hosts.push(host);
  const endpoints = await new Promise<Record<string, string>>((resolve, reject) => {
    host.once('message', (message) => resolve(message as Record<string, string>));
    host.once('exit', (code) => reject(new Error(`The host ended with ${code}.`)));
  });
  return { host, endpoints };
}

async function kill(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null) return;
  const gone = new Promise((resolve) => host.once('exit', resolve));
  host.kill('SIGKILL');
  await gone;
}

const childPids = (): number[] => readdirSync(join(dataDir, 'children')).map((name) => Number.parseInt(name, 10));

describe('an embedded cloud whose process is killed', () => {
  it('has everything that was answered when it is started again', async () => {
    const first = await startHost();
    const { dynamoDb, s3, sfn } = clientsOf(first.endpoints);
    await dynamoDb.send(
      new CreateTableCommand({
        TableName: 'table',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
      }),
    );
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 600, End: true } } });
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({ name: 'm', definition, roleArn: 'arn:aws:iam::000000000000:role/r' }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'lost' }));

    const answered: number[] = [];
    let writing = true;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = writer; writing; n += 8) {
        const key = `k ${n}/é:%`;
        try {
          await dynamoDb.send(new PutItemCommand({ TableName: 'table', Item: { k: { S: key }, n: { N: String(n) } } }));
          await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: `${n} `.repeat(1000) }));
          answered.push(n);
        } catch {
          return;
        }
      }
    });
    await eventually(() => answered.length).toBeGreaterThan(200);
    await kill(first.host);
    writing = false;
    await Promise.all(writers);

    const again = clientsOf((await startHost()).endpoints);
    for (const n of answered) {
      const key = `k ${n}/é:%`;
      const { Item } = await again.dynamoDb.send(new GetItemCommand({ TableName: 'table', Key: { k: { S: key } } }));
      expect(Item?.n?.N).toBe(String(n));
      const { Body } = await again.s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
      expect(await Body!.transformToString()).toBe(`${n} `.repeat(1000));
    }
    expect(await again.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({ definition });
    await expect(again.sfn.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    const reply = await again.lambda.send(new InvokeCommand({ FunctionName: 'echo' }));
    expect(JSON.parse(reply.Payload!.transformToString())).toMatchObject({ variable: 'kept' });
  });

  it('leaves no idle environment behind, and the next one ends those that are busy', async () => {
    const { host, endpoints } = await startHost();
    const { lambda } = clientsOf(endpoints);
    const { pid: idle } = JSON.parse((await lambda.send(new InvokeCommand({ FunctionName: 'echo' }))).Payload!.transformToString()) as {
      pid: number;
    };
    const hanging = lambda.send(new InvokeCommand({ FunctionName: 'hang' })).catch(() => undefined);
    await eventually(() => childPids().length).toBe(2);
    const busy = childPids().find((pid) => pid !== idle)!;
    await kill(host);
    await hanging;
    await eventually(() => processIdentity(idle)).toBeUndefined();
    await startHost();
    await eventually(() => processIdentity(busy)).toBeUndefined();
    expect(childPids()).toEqual([]);
  });
});

describe('a data directory', () => {
  it('is for one embedded cloud at a time', async () => {
    const cloud = await startLocalCloud({ dataDir });
    await expect(startLocalCloud({ dataDir })).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await cloud.stop();
    await (await startLocalCloud({ dataDir })).stop();
  });

  it('is taken over from a process that was killed', async () => {
    const { host } = await startHost();
    await expect(startLocalCloud({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE', subject: { pid: host.pid } });
    await kill(host);
    await (await startLocalCloud({ dataDir })).stop();
  });

  it('stops for good in the middle of executions and calls', async () => {
    const cloud = await startLocalCloud({ dataDir });
    await cloud.createFunction({ name: 'hang', handler: handlers, export: 'hang', environment: {}, timeoutMs: 900_000, memoryMb: 256 });
    const { lambda } = clientsOf(cloud.endpoints);
    const call = lambda.send(new InvokeCommand({ FunctionName: 'hang' })).catch((error: unknown) => error);
    await eventually(() => childPids().length).toBe(1);
    const [pid] = childPids();
    await cloud.stop();
    expect(processIdentity(pid!)).toBeUndefined();
    expect(await call).toBeInstanceOf(Error);
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'hang' }))).rejects.toThrow();
  });

  it('lets the process end once it is stopped', async () => {
    const { host } = await startHost();
    const ended = new Promise((resolve) => host.once('exit', resolve));
    host.send('stop');
    expect(await ended).toBe(0);
    expect(readdirSync(dataDir)).not.toContain('host.lock');
  });
});
