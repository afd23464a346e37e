// Catches: a row of docs/AWS-DIFFERENCES.md that no longer holds. Each test is one of what MiniStack does otherwise than AWS.

import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConcurrencyCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetBucketTaggingCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  PublishStateMachineVersionCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MiniStack } from './ministack.ts';
import { withMiniStack } from './with-ministack.ts';

/** Counts its calls, keeps them, and throws on demand. */
const code = `
const seen = [];
exports.handler = async (event) => {
  if (event.throws) throw new RangeError('as asked');
  if (event.tell) return seen;
  seen.push(event);
  return seen.length;
};`;

const role = 'arn:aws:iam::000000000000:role/any';
const arnOf = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:any';
const passing = (result: string): string =>
  JSON.stringify({ StartAt: 'Pass', States: { Pass: { Type: 'Pass', Result: result, End: true } } });

const machine = (name: string, type: 'STANDARD' | 'EXPRESS', definition: string) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: { StateMachineName: name, StateMachineType: type, RoleArn: role, DefinitionString: definition },
});

const template = {
  Resources: {
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'any',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: role,
        Timeout: 10,
        ReservedConcurrentExecutions: 1,
        Code: { ZipFile: code },
      },
    },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'tagged', Tags: [{ Key: 'a', Value: 'b' }] } },
    Express: machine('express', 'EXPRESS', passing('at first')),
    Standard: machine('standard', 'STANDARD', passing('at first')),
    Slow: machine(
      'slow',
      'STANDARD',
      JSON.stringify({ TimeoutSeconds: 1, StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3, End: true } } }),
    ),
    Parked: machine(
      'parked',
      'STANDARD',
      JSON.stringify({
        StartAt: 'Park',
        States: {
          Park: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
            TimeoutSeconds: 2,
            Parameters: { FunctionName: functionArn, Payload: { throws: true, 'token.$': '$$.Task.Token' } },
            End: true,
          },
        },
      }),
    ),
    Schedule: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'at(2001-01-01T00:00:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: functionArn, RoleArn: role, Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
      },
    },
  },
};

await withMiniStack('MiniStack does otherwise than AWS', (python) => {
  let cloud: MiniStack;
  let workflows: SFNClient;
  let functions: LambdaClient;
  let settings: S3ClientConfig;

  beforeAll(async () => {
    cloud = await MiniStack.start(python);
    const common = { endpoint: cloud.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    settings = common;
    workflows = new SFNClient({ ...common, disableHostPrefix: true });
    functions = new LambdaClient(common);
    const stacks = new CloudFormationClient(common);
    await stacks.send(new CreateStackCommand({ StackName: 'differences', TemplateBody: JSON.stringify(template) }));
    for (;;) {
      const { Stacks: [made] = [] } = await stacks.send(new DescribeStacksCommand({ StackName: 'differences' }));
      if (made?.StackStatus === 'CREATE_COMPLETE') return;
      if (made?.StackStatus !== 'CREATE_IN_PROGRESS') throw new Error(`${made?.StackStatus}: ${made?.StackStatusReason}`);
      await pause(100);
    }
  });
  afterAll(() => cloud?.[Symbol.asyncDispose]());

  async function called(event: object): Promise<unknown> {
    const { Payload } = await functions.send(new InvokeCommand({ FunctionName: 'any', Payload: JSON.stringify(event) }));
    return JSON.parse(Payload!.transformToString());
  }

  const started = (stateMachineArn: string, name: string, input = '{}') =>
    workflows.send(new StartExecutionCommand({ stateMachineArn, name, input }));

  async function ended(stateMachineArn: string, name: string): Promise<DescribeExecutionOutput> {
    const { executionArn } = await started(stateMachineArn, name);
    for (;;) {
      const execution = await workflows.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') return execution;
      await pause(100);
    }
  }

  test('what a function throws has the type Runtime.HandlerError, and the function its process no more', async () => {
    expect(await called({})).toBe(1);
    expect(await called({})).toBe(2);
    expect(await called({ throws: true })).toMatchObject({ errorType: 'Runtime.HandlerError' });
    expect(await called({})).toBe(1);
  });

  test('reserved concurrency is not taken from a template', async () => {
    const { ReservedConcurrentExecutions } = await functions.send(new GetFunctionConcurrencyCommand({ FunctionName: 'any' }));
    expect(ReservedConcurrentExecutions).toBeUndefined();
  });

  test('the tags of a bucket are not taken from a template', async () => {
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    await expect(s3.send(new GetBucketTaggingCommand({ Bucket: 'tagged' }))).rejects.toMatchObject({ name: 'NoSuchTagSet' });
  });

  test('the same execution started twice is refused, though its input is the same', async () => {
    await started(arnOf('slow'), 'twice');
    await expect(started(arnOf('slow'), 'twice')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  test('the time-out of a whole workflow is not kept', async () => {
    expect(await ended(arnOf('slow'), 'timed')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a function that fails with a task token in its hands shows at the time-out only', async () => {
    expect(await ended(arnOf('parked'), 'parked')).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  test('a version of a workflow runs what the workflow has become, and no synchronous run at all', async () => {
    for (const [name, type] of [
      ['standard', 'STANDARD'],
      ['express', 'EXPRESS'],
    ] as const) {
      const stateMachineArn = arnOf(name);
      const { stateMachineVersionArn } = await workflows.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
      await workflows.send(new UpdateStateMachineCommand({ stateMachineArn, definition: passing('later') }));
      if (type === 'STANDARD') expect(await ended(stateMachineVersionArn!, 'versioned')).toMatchObject({ output: '"later"' });
      else await expect(workflows.send(new StartSyncExecutionCommand({ stateMachineArn: stateMachineVersionArn! }))).rejects.toThrow();
    }
  });

  test('a payload of more than 256 KiB passes', async () => {
    const { status } = await workflows.send(
      new StartSyncExecutionCommand({ stateMachineArn: arnOf('express'), input: JSON.stringify('x'.repeat(300_000)) }),
    );
    expect(status).toBe('SUCCEEDED');
  });

  test('the time of a schedule is not put into its input', async () => {
    const placeholder = { at: '<aws.scheduler.scheduled-time>' };
    for (;;) {
      const seen = (await called({ tell: true })) as readonly object[];
      if (seen.some((event) => 'at' in event)) return expect(seen).toContainEqual(placeholder);
      await pause(500);
    }
  });
});
