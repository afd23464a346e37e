import { messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { HttpReply, HttpRequest } from './http-endpoint.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { ServiceFault } from './service-fault.ts';
import type { ExecutionRecord, Workflows } from './workflows.ts';

type Operation = (workflows: Workflows, request: JsonObject) => JsonObject | Promise<JsonObject>;

const seconds = (ms: number): number => ms / 1000;

const operations: Readonly<Record<string, Operation>> = {
  CreateStateMachine: ({ machines }, request) => {
    const { stateMachineArn, createdAt } = machines.create({
      name: text(request, 'name'),
      definition: text(request, 'definition'),
      ...optional(request, 'type'),
      ...optional(request, 'roleArn'),
    });
    return { stateMachineArn, creationDate: seconds(createdAt) };
  },
  DescribeStateMachine: ({ machines }, request) => {
    const { createdAt, ...record } = machines.get(text(request, 'stateMachineArn'));
    return { ...record, status: 'ACTIVE', creationDate: seconds(createdAt) };
  },
  DeleteStateMachine: ({ machines }, request) => {
    machines.delete(text(request, 'stateMachineArn'));
    return {};
  },
  ListStateMachines: ({ machines }) => ({
    stateMachines: machines
      .list()
      .map(({ name, stateMachineArn, type, createdAt }) => ({ name, stateMachineArn, type, creationDate: seconds(createdAt) })),
  }),
  StartExecution: (workflows, request) => {
    const { name, input = '{}' } = { ...optional(request, 'name'), ...optional(request, 'input') };
    const { executionArn, startedAt } = workflows.start(text(request, 'stateMachineArn'), name, input);
    return { executionArn, startDate: seconds(startedAt) };
  },
  DescribeExecution: (workflows, request) => {
    const { input, output, error, cause, ...record } = workflows.describe(text(request, 'executionArn'));
    return { ...summaryOf(record as ExecutionRecord), input, output, error, cause };
  },
  StopExecution: async (workflows, request) => {
    const { error = '', cause = '' } = { ...optional(request, 'error'), ...optional(request, 'cause') };
    return { stopDate: seconds(await workflows.stop(text(request, 'executionArn'), error, cause)) };
  },
  ListExecutions: (workflows, request) => {
    const { statusFilter } = { ...optional(request, 'statusFilter') };
    const from = Number(optional(request, 'nextToken').nextToken ?? 0);
    const count = typeof request.maxResults === 'number' && request.maxResults > 0 ? Math.min(request.maxResults, 1000) : 100;
    const all = workflows.list(text(request, 'stateMachineArn'), statusFilter);
    return {
      executions: all.slice(from, from + count).map(summaryOf),
      ...(from + count < all.length ? { nextToken: String(from + count) } : {}),
    };
  },
  SendTaskSuccess: (workflows, request) => {
    workflows.send(workflows.tokens.succeed(text(request, 'taskToken'), parsedOutput(text(request, 'output'))));
    return {};
  },
  SendTaskFailure: (workflows, request) => {
    const { error = '', cause = '' } = { ...optional(request, 'error'), ...optional(request, 'cause') };
    workflows.send(workflows.tokens.fail(text(request, 'taskToken'), error, cause));
    return {};
  },
  SendTaskHeartbeat: (workflows, request) => {
    workflows.send(workflows.tokens.heartbeat(text(request, 'taskToken')));
    return {};
  },
};

const targetPrefix = 'AWSStepFunctions.';

/** Whether a request is for Step Functions. */
export const isWorkflowRequest = (request: HttpRequest): boolean => request.header('x-amz-target')?.startsWith(targetPrefix) ?? false;

/** Step Functions' protocol, AWS JSON 1.0. */
export async function answerWorkflowRequest(workflows: Workflows, request: HttpRequest): Promise<HttpReply> {
  const name = request.header('x-amz-target')!.slice(targetPrefix.length);
  try {
    const operation = operations[name];
    if (operation === undefined) throw new ServiceFault('UnknownOperationException', `The embedded cloud has no operation ${name}.`);
    return reply(200, await operation(workflows, parsedRequest(request.body)));
  } catch (thrown) {
    return faultReply(thrown);
  }
}

function faultReply(thrown: unknown): HttpReply {
  if (thrown instanceof ServiceFault) return reply(thrown.status, { __type: thrown.name, message: thrown.message });
  if (WeirError.is(thrown))
    return reply(400, { __type: 'InvalidDefinition', message: `Invalid State Machine Definition: ${thrown.message}` });
  return reply(500, { __type: 'InternalFailure', message: messageOf(thrown) });
}

const reply = (status: number, body: JsonObject): HttpReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

function summaryOf({ executionArn, stateMachineArn, name, status, startedAt, endedAt }: ExecutionRecord): JsonObject {
  const stopDate = endedAt === undefined ? {} : { stopDate: seconds(endedAt) };
  return { executionArn, stateMachineArn, name, status, startDate: seconds(startedAt), ...stopDate };
}

function parsedRequest(body: string): JsonObject {
  try {
    const request: unknown = JSON.parse(body);
    if (isJsonObject(request)) return request;
  } catch {
    // The same refusal as for JSON that is no object.
  }
  throw new ServiceFault('SerializationException', 'The request must be a JSON object.');
}

function parsedOutput(output: string): Json {
  if (Buffer.byteLength(output) > limits.workflowPayloadBytesMax)
    throw new ServiceFault('InvalidOutput', `Invalid Output: it has more than ${limits.workflowPayloadBytesMax} bytes`);
  try {
    return JSON.parse(output) as Json;
  } catch {
    throw new ServiceFault('InvalidOutput', 'Invalid Output: it is no JSON');
  }
}

function text(request: JsonObject, field: string): string {
  const value = request[field];
  if (typeof value === 'string') return value;
  throw new ServiceFault('ValidationException', `The request needs the string ${field}.`);
}

function optional<Field extends string>(request: JsonObject, field: Field): { [field in Field]?: string } {
  return (typeof request[field] === 'string' ? { [field]: request[field] } : {}) as { [field in Field]?: string };
}
