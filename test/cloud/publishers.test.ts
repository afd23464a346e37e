// Catches: what Lambda and Step Functions say of publications, taken for something else. Neither has an emulator in this process
// that knows versions, so a script answers on the wire as the services do.
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { lambdaFunctionPublisher } from '../../src/cloud/aws/lambda-function-publisher.ts';
import { sfnWorkflowPublisher } from '../../src/cloud/aws/sfn-workflow-publisher.ts';
import { isGoingBack } from '../../src/cloud/index.ts';
import { type ScriptedReply, type ScriptedRequest, startScriptedService } from './scripted-service.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:slot';
const error = (status: number, name: string, message: string): ScriptedReply => ({
  status,
  headers: { 'x-amzn-errortype': name },
  body: { message, Message: message },
});

async function asked<T>(
  script: (request: ScriptedRequest) => ScriptedReply,
  run: (settings: Awaited<ReturnType<typeof startScriptedService>>['settings']) => Promise<T>,
): Promise<{ readonly answer: T; readonly requests: readonly ScriptedRequest[] }> {
  const requests: ScriptedRequest[] = [];
  const service = await startScriptedService((request) => {
    requests.push(request);
    return script(request);
  });
  try {
    return { answer: await run(service.settings), requests };
  } finally {
    await service.close();
  }
}

const publish = (script: (request: ScriptedRequest) => ScriptedReply) =>
  asked(script, (settings) =>
    lambdaFunctionPublisher(new LambdaClient(settings)).publish(arn, { code: 'abc=', invoker: 'arn:aws:iam::0:role/w' }),
  );

describe('a version', () => {
  it('is published if the code is still the same, and lets its workflows call it', async () => {
    const { answer, requests } = await publish(({ operation }) =>
      operation.includes('/policy')
        ? { status: 201, body: { Statement: '{}' } }
        : { status: 201, body: { FunctionArn: `${arn}:7`, Version: '7' } },
    );
    expect(answer).toEqual({ kind: 'published', versionArn: `${arn}:7` });
    expect(requests.map(({ body }) => body)).toMatchObject([
      { CodeSha256: 'abc=' },
      { Action: 'lambda:InvokeFunction', Principal: 'arn:aws:iam::0:role/w' },
    ]);
    expect(decodeURIComponent(requests[1]!.operation)).toContain('Qualifier=7');
  });

  it('that has its permission already is published all the same', async () => {
    const { answer } = await publish(({ operation }) =>
      operation.includes('/policy')
        ? error(409, 'ResourceConflictException', 'The statement id (weir-workflows) provided already exists.')
        : { status: 201, body: { FunctionArn: `${arn}:7` } },
    );
    expect(answer.kind).toBe('published');
  });

  it.each([
    ['InvalidParameterValueException', 400, 'CodeSHA256 (abc=) is different from current CodeSHA256 in $LATEST (xyz=).', 'changed'],
    ['ResourceNotFoundException', 404, 'Function not found', 'changed'],
    ['ResourceConflictException', 409, 'An update is in progress', 'updating'],
  ] as const)('is not published when Lambda says %s', async (name, status, message, kind) => {
    expect((await publish(() => error(status, name, message))).answer).toEqual({ kind });
  });

  it('that can’t be published for another reason is an error', async () => {
    await expect(publish(() => error(400, 'CodeStorageExceededException', 'Code storage limit exceeded.'))).rejects.toMatchObject({
      message: expect.stringContaining('Code storage limit exceeded'),
    });
  });

  it.each([
    ['Pending', 'pending'],
    ['Active', 'ready'],
    ['Failed', 'failed'],
  ] as const)('in the state %s is %s', async (State, state) => {
    const { answer } = await asked(
      () => ({ status: 200, body: { State } }),
      (settings) => lambdaFunctionPublisher(new LambdaClient(settings)).stateOf(`${arn}:7`),
    );
    expect(answer).toBe(state);
  });

  it('is deleted by its number, and never with its function', async () => {
    const { requests } = await asked(
      () => error(404, 'ResourceNotFoundException', 'Function not found'),
      (settings) => lambdaFunctionPublisher(new LambdaClient(settings)).deleteVersion(`${arn}:7`),
    );
    expect(requests.map(({ operation }) => decodeURIComponent(operation))).toEqual([expect.stringMatching(/function:slot\?Qualifier=7$/)]);
  });
});

describe('a workflow', () => {
  const workflow = { name: 'weir-job-1', type: 'STANDARD', definition: '{}', role: 'role' } as const;

  it('is created, or its name is still being given back', async () => {
    const create = (script: () => ScriptedReply) =>
      asked(script, (settings) => sfnWorkflowPublisher(new SFNClient(settings)).create(workflow));
    const made = await create(() => ({ status: 200, body: { stateMachineArn: 'arn:made', creationDate: 1 } }));
    expect(made.answer).toEqual({ kind: 'created', workflowArn: 'arn:made' });
    const deleting = await create(() => ({ status: 400, body: { __type: 'StateMachineDeleting', message: 'it is being deleted' } }));
    expect(deleting.answer).toEqual({ kind: 'deleting' });
  });
});

it.each([
  ['UPDATE_ROLLBACK_IN_PROGRESS', true],
  ['ROLLBACK_IN_PROGRESS', true],
  ['UPDATE_ROLLBACK_FAILED', true],
  ['UPDATE_IN_PROGRESS', false],
  ['CREATE_IN_PROGRESS', false],
  [undefined, false],
] as const)('a stack that is %s goes back: %s', (status, goesBack) => {
  expect(isGoingBack(status)).toBe(goesBack);
});
