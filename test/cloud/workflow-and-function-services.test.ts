// Step Functions and Lambda, as their references say that they answer: which replies are outcomes and which are errors.
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lambdaFunctionService } from '../../src/cloud/aws/lambda-function-service.ts';
import { sfnWorkflowService } from '../../src/cloud/aws/sfn-workflow-service.ts';
import type { FunctionService, WorkflowService } from '../../src/cloud/index.ts';
import { type ScriptedReply, type ScriptedRequest, startScriptedService } from './scripted-service.ts';

let service: Awaited<ReturnType<typeof startScriptedService>>;
let reply: ScriptedReply;
let requests: ScriptedRequest[];

const answers = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) => {
  requests = [];
  reply = { status, body, headers };
};
const fails = (name: string, status = 400) => answers({ __type: `com.amazonaws.states#${name}`, message: `${name}, it says` }, status);

beforeAll(async () => {
  service = await startScriptedService((request) => {
    requests.push(request);
    return reply;
  });
});
afterAll(() => service.close());

describe('the workflow service', () => {
  const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:weir-job';
  let client: SFNClient;
  let workflows: WorkflowService;
  beforeAll(() => {
    client = new SFNClient(service.settings);
    workflows = sfnWorkflowService(client);
  });
  afterAll(() => client.destroy());

  it('starts an execution under its name', async () => {
    answers({ executionArn: 'x', startDate: 1 });
    expect(await workflows.start(arn, 'job-1', { jobId: 'job', missing: undefined })).toBe('started');
    expect(requests).toEqual([{ operation: 'StartExecution', body: { stateMachineArn: arn, name: 'job-1', input: '{"jobId":"job"}' } }]);
  });

  it('says that a name was used', async () => {
    fails('ExecutionAlreadyExists');
    expect(await workflows.start(arn, 'job-1', {})).toBe('exists');
  });

  it.each([arn, `${arn}:7`, `${arn}:live`])('finds the executions of %s', async (workflowArn) => {
    answers({ status: 'TIMED_OUT', executionArn: 'x', stateMachineArn: arn, startDate: 1 });
    expect(await workflows.status(workflowArn, 'job-1')).toBe('TIMED_OUT');
    expect(requests[0]?.body).toMatchObject({ executionArn: 'arn:aws:states:us-east-1:123456789012:execution:weir-job:job-1' });
  });

  it('shows one that waits for a redrive as running, and an unknown one not at all', async () => {
    answers({ status: 'PENDING_REDRIVE' });
    expect(await workflows.status(arn, 'job-1')).toBe('RUNNING');
    fails('ExecutionDoesNotExist');
    expect(await workflows.status(arn, 'job-1')).toBeUndefined();
  });

  it('ends a waiting task, or says that it is gone', async () => {
    answers({});
    expect(await workflows.sendTaskSuccess('token', { a: 1 })).toBe('sent');
    expect(requests).toEqual([{ operation: 'SendTaskSuccess', body: { taskToken: 'token', output: '{"a":1}' } }]);
    for (const name of ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']) {
      fails(name);
      expect(await workflows.sendTaskSuccess('token', {})).toBe('gone');
    }
  });

  it('stops an execution, and what has ended stays so', async () => {
    answers({ stopDate: 1 });
    await workflows.stop(arn, 'job-1', 'cancelled');
    expect(requests[0]?.body).toMatchObject({ cause: 'cancelled' });
    fails('ExecutionDoesNotExist');
    await workflows.stop(arn, 'job-1', 'cancelled');
  });

  it('refuses payloads above the bound before it sends them', async () => {
    answers({});
    const large = 'ü'.repeat(128 * 1024);
    await expect(workflows.start(arn, 'job-1', large)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(workflows.sendTaskSuccess('token', large)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(requests).toEqual([]);
  });

  it.each([
    ['StateMachineDoesNotExist', 400, 'CLOUD_RESOURCE_MISSING', 'user'],
    ['AccessDeniedException', 400, 'CLOUD_ACCESS_DENIED', 'user'],
    ['ExpiredTokenException', 403, 'CLOUD_CREDENTIALS', 'user'],
    ['ThrottlingException', 400, 'THROTTLED', 'resources'],
    ['InternalFailure', 500, 'SERVICE_FAILED', 'external'],
  ])('reports %s (%d) as %s', async (name, status, code, domain) => {
    fails(name, status);
    await expect(workflows.start(arn, 'job-1', {})).rejects.toMatchObject({
      code,
      domain,
      subject: { service: 'Step Functions', operation: 'StartExecution' },
    });
  });

  it('refuses what is no state machine', async () => {
    await expect(workflows.status('arn:aws:lambda:us-east-1:123456789012:function:f', 'job-1')).rejects.toMatchObject({
      code: 'ARN_INVALID',
    });
  });
});

describe('the function service', () => {
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:weir-coordinator:3';
  let client: LambdaClient;
  let functions: FunctionService;
  beforeAll(() => {
    client = new LambdaClient(service.settings);
    functions = lambdaFunctionService(client);
  });
  afterAll(() => client.destroy());

  it('calls with the payload and gives the reply', async () => {
    answers({ kind: 'done', text: 'ü' });
    expect(await functions.invoke(arn, { command: 'x' })).toEqual({ kind: 'done', text: 'ü' });
    expect(requests).toEqual([{ operation: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, body: { command: 'x' } }]);
  });

  it('gives null for a function that returns nothing', async () => {
    answers(null);
    expect(await functions.invoke(arn, null)).toBeNull();
  });

  it('reports what the function threw', async () => {
    answers({ errorType: 'RangeError', errorMessage: 'out of reach', trace: [] }, 200, { 'X-Amz-Function-Error': 'Unhandled' });
    await expect(functions.invoke(arn, {})).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('RangeError: out of reach'),
      subject: { errorName: 'RangeError' },
    });
  });

  it.each([
    ['ResourceNotFoundException', 404, 'CLOUD_RESOURCE_MISSING'],
    ['TooManyRequestsException', 429, 'THROTTLED'],
    ['ServiceException', 500, 'SERVICE_FAILED'],
  ])('reports %s as %s', async (name, status, code) => {
    answers({ Type: 'User', Message: 'it says' }, status, { 'x-amzn-errortype': name });
    await expect(functions.invoke(arn, {})).rejects.toMatchObject({ code });
  });
});
