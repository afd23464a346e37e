// Catches an embedded cloud that AWS's own clients could tell from AWS, where we go by the difference.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CopyObjectCommand, CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExecutionRecord, type FunctionLogLine, type LocalCloud, startLocalCloud } from '../../src/local-cloud/index.ts';
import { type Clients, clientsOf } from './clients.ts';
import { eventually } from './eventually.ts';

const handler = fileURLToPath(new URL('./fixtures/handlers.mjs', import.meta.url));
const roleArn = 'arn:aws:iam::000000000000:role/workflow';

let cloud: LocalCloud;
let clients: Clients;
const lines: FunctionLogLine[] = [];
const ended: ExecutionRecord[] = [];

beforeAll(async () => {
  cloud = await startLocalCloud({ onFunctionLog: (line) => lines.push(line) });
  cloud.onExecutionEnded((record) => ended.push(record));
  clients = clientsOf(cloud.endpoints);
  for (const name of ['echo', 'fail', 'nothing', 'pause', 'whisper']) {
    await cloud.createFunction({
      name,
      handler,
      export: name,
      environment: {},
      timeoutMs: 10_000,
      memoryMb: 256,
      busyWaitMs: name === 'pause' ? 0 : 10_000,
    });
  }
});

afterAll(async () => {
  await cloud.stop();
});

const call = (functionName: string, more: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  TimeoutSeconds: 60,
  Parameters: { FunctionName: functionName, 'Payload.$': '$' },
  OutputPath: '$.Payload',
  End: true,
  ...more,
});

async function machine(name: string, state: object, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'A', States: { A: state } });
  const created = await clients.sfn.send(new CreateStateMachineCommand({ name, definition, roleArn, type }));
  return created.stateMachineArn!;
}

const start = (stateMachineArn: string, name: string, input: unknown = {}) =>
  clients.sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));

const describeExecution = (executionArn: string) => clients.sfn.send(new DescribeExecutionCommand({ executionArn }));

async function outcomeOf(executionArn: string) {
  await eventually(async () => (await describeExecution(executionArn)).status).not.toBe('RUNNING');
  return await describeExecution(executionArn);
}

describe('the embedded cloud', () => {
  it('listens on the loopback interface alone, and refuses a port that is taken', async () => {
    const urls = Object.entries(cloud.endpoints).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL_'));
    expect(urls.map(([name]) => name).sort()).toEqual([
      'AWS_ENDPOINT_URL_DYNAMODB',
      'AWS_ENDPOINT_URL_LAMBDA',
      'AWS_ENDPOINT_URL_S3',
      'AWS_ENDPOINT_URL_SFN',
    ]);
    for (const [, url] of urls) expect(new URL(url).hostname).toBe('127.0.0.1');
    const port = Number(new URL(cloud.endpoints.AWS_ENDPOINT_URL_SFN!).port);
    await expect(startLocalCloud({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });
});

describe('DynamoDB of the embedded cloud', () => {
  it('keeps conditional writes', async () => {
    await clients.dynamoDb.send(
      new CreateTableCommand({
        TableName: 'table',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
      }),
    );
    const put = new PutItemCommand({
      TableName: 'table',
      Item: { k: { S: 'a' }, n: { N: '1' } },
      ConditionExpression: 'attribute_not_exists(k)',
    });
    await clients.dynamoDb.send(put);
    await expect(clients.dynamoDb.send(put)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    const { Item } = await clients.dynamoDb.send(new GetItemCommand({ TableName: 'table', Key: { k: { S: 'a' } } }));
    expect(Item?.n?.N).toBe('1');
  });
});

describe('S3 of the embedded cloud', () => {
  it('lists by ascending key, page after page, whatever the characters', async () => {
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    const keys = ['a-1', 'a1', 'A1', 'a_2', 'a/2', 'B', 'b', '%', 'é', 'a-10'];
    for (const Key of keys) await clients.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: Key }));
    const listed: string[] = [];
    let token: string | undefined;
    do {
      const page = await clients.s3.send(new ListObjectsV2Command({ Bucket: 'bucket', MaxKeys: 3, ContinuationToken: token }));
      listed.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(listed).toEqual([...keys].sort());
  });

  it('takes large objects, reads ranges and copies', async () => {
    const body = Buffer.alloc(24 * 1024 * 1024, 'abc');
    await clients.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: body }));
    await clients.s3.send(new CopyObjectCommand({ Bucket: 'bucket', Key: 'copy', CopySource: 'bucket/large' }));
    const range = await clients.s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'copy', Range: 'bytes=3-7' }));
    expect(await range.Body!.transformToString()).toBe('abcab');
  });
});

describe('Lambda of the embedded cloud', () => {
  const invoke = (FunctionName: string, payload: unknown) =>
    clients.lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));

  it('answers calls over the wire, by name or ARN', async () => {
    const reply = await invoke('arn:aws:lambda:us-east-1:000000000000:function:echo', { a: 1 });
    expect(JSON.parse(reply.Payload!.transformToString())).toMatchObject({ event: { a: 1 }, name: 'echo' });
    expect(reply.FunctionError).toBeUndefined();
  });

  it('marks what a function threw', async () => {
    const reply = await invoke('fail', {});
    expect(reply.FunctionError).toBe('Unhandled');
    expect(JSON.parse(reply.Payload!.transformToString())).toMatchObject({ errorType: 'RangeError', errorMessage: 'out of range' });
  });

  it('refuses unknown functions, and throttles those that are busy', async () => {
    await expect(invoke('absent', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const first = invoke('pause', { ms: 300 });
    await eventually(() => lines.at(-1)?.line).toBe('begun 300');
    await expect(invoke('pause', { ms: 0 })).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    await first;
  });

  it('delivers a call twice, or ends an environment, when a test asks for it', async () => {
    const callsOf = async () => (JSON.parse((await invoke('echo', {})).Payload!.transformToString()) as { calls: number }).calls;
    const before = await callsOf();
    cloud.doubleNextCall('echo');
    expect(await callsOf()).toBe(before + 2);
    await cloud.killEnvironment('echo');
    expect(await callsOf()).toBe(1);
  });
});

describe('Step Functions of the embedded cloud', () => {
  it('creates a workflow once, and refuses another under its name', async () => {
    const arn = await machine('once', call('echo'));
    expect(await machine('once', call('echo'))).toBe(arn);
    await expect(machine('once', call('fail'))).rejects.toMatchObject({ name: 'StateMachineAlreadyExists' });
    const described = await clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(described).toMatchObject({ name: 'once', type: 'STANDARD', status: 'ACTIVE' });
    await expect(start(`${arn}-not`, 'x')).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('refuses definitions that are no States Language', async () => {
    await expect(machine('bad', { Type: 'Task', End: true })).rejects.toMatchObject({ name: 'InvalidDefinition' });
    await expect(machine('bad', call('echo', { HeartbeatSeconds: 3 }))).rejects.toMatchObject({ name: 'InvalidDefinition' });
  });

  it.each(['job', 'checkpoint', 'group'])('takes the %s workflow as it is deployed', async (name) => {
    const text = readFileSync(new URL(`../../infra/workflows/${name}.asl.json`, import.meta.url), 'utf8');
    const definition = text.replaceAll(/\$\{\w+\}/g, 'arn:aws:states:us-east-1:000000000000:stateMachine:any');
    await clients.sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  });

  it('runs an execution through a function and tells how it ended', async () => {
    const { executionArn } = await start(await machine('run', call('echo')), 'first', { x: 1 });
    const outcome = await outcomeOf(executionArn!);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', input: '{"x":1}' });
    expect(JSON.parse(outcome.output!)).toMatchObject({ event: { x: 1 } });
    expect(outcome.stopDate!.getTime()).toBeGreaterThanOrEqual(outcome.startDate!.getTime());
    expect(ended.map((record) => record.executionArn)).toContain(executionArn);
  });

  it("fails an execution with the function's error", async () => {
    const { executionArn } = await start(await machine('failing', call('fail')), 'first');
    expect(await outcomeOf(executionArn!)).toMatchObject({
      status: 'FAILED',
      error: 'RangeError',
      cause: expect.stringContaining('out of range'),
    });
  });

  it('uses a name once, but answers a repeated start of what runs with the same execution', async () => {
    const arn = await machine('names', { Type: 'Wait', Seconds: 600, End: true });
    const first = await start(arn, 'same', { a: 1 });
    expect(await start(arn, 'same', { a: 1 })).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await expect(start(arn, 'same', { a: 2 })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await clients.sfn.send(new StopExecutionCommand({ executionArn: first.executionArn!, error: 'E', cause: 'C' }));
    expect(await describeExecution(first.executionArn!)).toMatchObject({ status: 'ABORTED', error: 'E', cause: 'C' });
    await expect(start(arn, 'same', { a: 1 })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await clients.sfn.send(new StopExecutionCommand({ executionArn: first.executionArn! }));
    const listed = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn, statusFilter: 'ABORTED' }));
    expect(listed.executions!.map(({ name }) => name)).toEqual(['same']);
    await expect(describeExecution(`${first.executionArn!}-not`)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });

  it('ends a task by its token, once', async () => {
    const arn = await machine('tokens', {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      TimeoutSeconds: 600,
      Parameters: { FunctionName: 'whisper', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    });
    const tokenOf = async (name: string): Promise<string> => {
      const before = lines.filter(({ functionName }) => functionName === 'whisper').length;
      await start(arn, name);
      await eventually(() => lines.filter(({ functionName }) => functionName === 'whisper').length).toBe(before + 1);
      return lines.filter(({ functionName }) => functionName === 'whisper').at(-1)!.line;
    };
    const taskToken = await tokenOf('good');
    await clients.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    const success = new SendTaskSuccessCommand({ taskToken, output: '{"woken":1}' });
    await clients.sfn.send(success);
    await expect(clients.sfn.send(success)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect(await outcomeOf(`${arn.replace(':stateMachine:', ':execution:')}:good`)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"woken":1}',
    });
    await clients.sfn.send(new SendTaskFailureCommand({ taskToken: await tokenOf('bad'), error: 'E', cause: 'C' }));
    expect(await outcomeOf(`${arn.replace(':stateMachine:', ':execution:')}:bad`)).toMatchObject({
      status: 'FAILED',
      error: 'E',
      cause: 'C',
    });
    await expect(clients.sfn.send(new SendTaskSuccessCommand({ taskToken: 'nonsense', output: '1' }))).rejects.toMatchObject({
      name: 'InvalidToken',
    });
  });

  it('runs an Express workflow within a Standard one', async () => {
    const child = await machine('child', call('nothing'), 'EXPRESS');
    const nest = (StateMachineArn: string): object => ({
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:startSyncExecution',
      Parameters: { StateMachineArn, 'Input.$': 'States.JsonToString($)' },
      End: true,
    });
    const { executionArn } = await start(await machine('parent', nest(child)), 'first', { deep: true });
    const outcome = await outcomeOf(executionArn!);
    expect(JSON.parse(outcome.output!)).toMatchObject({ Status: 'SUCCEEDED', Output: 'null', Input: '{"deep":true}' });
    const standard = await start(await machine('wrong-parent', nest(await machine('run', call('echo')))), 'first');
    expect(await outcomeOf(standard.executionArn!)).toMatchObject({ status: 'FAILED', error: 'Sfn.StateMachineTypeNotSupportedException' });
  });
});
