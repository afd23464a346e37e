import type { Clock } from '../base/clock.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { longSleep } from './long-sleep.ts';
import type { RunOutcome } from './run-outcome.ts';
import { waitResource } from './runnable-definition.ts';
import { TaskError } from './task-error.ts';
import type { TaskTokens } from './task-tokens.ts';

export interface TaskContext {
  /** Aborted when nobody waits for the reply any more. What was begun may go on, as in AWS. */
  readonly signal: AbortSignal;
}

export interface SyncExecution {
  readonly executionArn: string;
  readonly name: string;
  readonly outcome: RunOutcome;
}

/** What workflows reach outside of themselves. Failures are thrown as TaskError. */
export interface TaskHooks {
  readonly clock: Clock;
  readonly tokens: TaskTokens;
  invokeFunction(functionArn: string, payload: Json, context: TaskContext): Promise<Json>;
  /** Runs an Express workflow to its end. */
  startSyncExecution(stateMachineArn: string, input: Json, context: TaskContext): Promise<SyncExecution>;
}

interface TaskCall {
  readonly parameters: Json;
  /** Of tasks that wait for one. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

type Integration = (hooks: TaskHooks, call: TaskCall) => Promise<Json>;

const integrations: Readonly<Record<string, Integration>> = {
  'arn:aws:states:::lambda:invoke': invokeFunction,
  'arn:aws:states:::lambda:invoke.waitForTaskToken': invokeAndWaitForToken,
  'arn:aws:states:::aws-sdk:sfn:startSyncExecution': startSyncExecution,
  [waitResource]: wait,
};

/** The integration that a resource names, or nothing. A function's own ARN is one too. */
export function integrationOf(resource: string): Integration | undefined {
  if (resource.startsWith('arn:aws:lambda:'))
    return (hooks, call) => hooks.invokeFunction(resource, call.parameters, { signal: call.signal });
  return integrations[resource];
}

async function invokeFunction(hooks: TaskHooks, { parameters, signal }: TaskCall): Promise<Json> {
  const { FunctionName, Payload = {} } = fieldsOf(parameters);
  const reply = await hooks.invokeFunction(textOf(FunctionName, 'FunctionName'), Payload, {
    signal,
  });
  return { ExecutedVersion: '$LATEST', Payload: reply, StatusCode: 200 };
}

async function invokeAndWaitForToken(hooks: TaskHooks, { parameters, token, signal }: TaskCall): Promise<Json> {
  const { FunctionName, Payload = {} } = fieldsOf(parameters);
  const task = hooks.tokens.open(token ?? hooks.tokens.issue());
  try {
    const failed = hooks
      .invokeFunction(textOf(FunctionName, 'FunctionName'), Payload, { signal })
      .then(() => new Promise<never>(() => undefined));
    return await Promise.race([task.ended, failed, untilAborted(signal)]);
  } finally {
    task.close();
  }
}

async function startSyncExecution(hooks: TaskHooks, { parameters, signal }: TaskCall): Promise<Json> {
  const { StateMachineArn, Input = '{}' } = fieldsOf(parameters);
  const arn = textOf(StateMachineArn, 'StateMachineArn');
  const text = typeof Input === 'string' ? Input : JSON.stringify(Input);
  const { executionArn, name, outcome } = await hooks.startSyncExecution(arn, parsedInput(text), { signal });
  return {
    ExecutionArn: executionArn,
    Name: name,
    StateMachineArn: arn,
    Input: text,
    ...(outcome.kind === 'succeeded'
      ? { Status: 'SUCCEEDED', Output: JSON.stringify(outcome.output) }
      : { Status: outcome.kind === 'timedOut' ? 'TIMED_OUT' : 'FAILED', Error: outcome.error, Cause: outcome.cause }),
  };
}

async function wait(hooks: TaskHooks, { parameters, signal }: TaskCall): Promise<Json> {
  const { seconds, timestamp } = fieldsOf(parameters);
  const ms = timestamp === undefined ? Number(seconds) * 1000 : Date.parse(String(timestamp)) - hooks.clock.now();
  if (Number.isNaN(ms) || (timestamp === undefined && !(Number.isInteger(seconds) && ms >= 0))) {
    throw new TaskError(
      'States.Runtime',
      `A wait needs whole seconds or a timestamp, but found ${JSON.stringify(parameters)}.`,
      'terminal',
    );
  }
  await longSleep(hooks.clock, ms, signal);
  return null;
}

function parsedInput(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new TaskError('Sfn.InvalidExecutionInputException', `The input of an execution must be JSON, but found ${text.slice(0, 100)}.`);
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const fieldsOf = (parameters: Json): JsonObject => (isJsonObject(parameters) ? parameters : {});

function textOf(value: Json | undefined, field: string): string {
  if (typeof value === 'string') return value;
  throw new TaskError('States.Runtime', `A task's ${field} must be a string, but found ${JSON.stringify(value)}.`, 'terminal');
}
