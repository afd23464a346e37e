import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { region } from './arns.ts';
import { lockDataDir } from './data-dir-lock.ts';
import type { FunctionLogLine } from './function-environment.ts';
import { FunctionHost } from './function-host.ts';
import { FunctionLogs, logFolder } from './function-logs.ts';
import { answerFunctionRequest, isFunctionRequest } from './function-wire.ts';
import type { FunctionDefinition } from './hosted-function.ts';
import { type HttpReply, type HttpRequest, startHttp } from './http-endpoint.ts';
import { invokeFromWorkflow } from './invoke-from-workflow.ts';
import { answerWorkflowRequest, isWorkflowRequest } from './workflow-wire.ts';
import type { ExecutionRecord, Workflows } from './workflows.ts';

export interface LocalCloudOptions {
  /** Where everything is kept but executions; without it all is in memory and gone at the end. */
  readonly dataDir?: string;
  /** A loopback address: there is no authentication. */
  readonly host?: '127.0.0.1';
  /** Of Step Functions and Lambda; 0, the default, takes a free one, as the others do. */
  readonly port?: number;
  /** A function's environment without a call for so long is ended; ten minutes by default. */
  readonly idleMs?: number;
  /** What functions print, line by line; with a data directory it is kept there too. */
  readonly onFunctionLog?: (line: FunctionLogLine) => void;
  /** More of what every function finds in its environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** False: no call, task or execution takes too long, so that a debugger may hold them. The default is true. */
  readonly timeLimits?: boolean;
  /** For functions to debug: the port of Node's inspector. Such a function is loaded when a debugger is attached. */
  readonly inspectorPort?: (functionName: string) => number | undefined;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface LocalCloud {
  /** The variables by which AWS's clients find this cloud: `AWS_ENDPOINT_URL_*`, region, and credentials that open nothing. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly workflows: Workflows;
  /** Makes a function or gives it new code. See FunctionHost. */
  createFunction(definition: FunctionDefinition): Promise<{ readonly functionArn: string }>;
  deleteFunction(nameOrArn: string): Promise<void>;
  /** Starts a function's environment before its first call, if it has none: what provisioned concurrency does in AWS. */
  warmFunction(nameOrArn: string): void;
  /** Hears of every execution that ended, but nested ones. Returns how to hear no more. */
  onExecutionEnded(listener: (record: ExecutionRecord) => void): () => void;
  /** For tests: ends a function's environment in the middle of whatever it does. */
  killEnvironment(nameOrArn: string): Promise<void>;
  /** For tests: delivers the next call twice. */
  doubleNextCall(nameOrArn: string, answerWith?: 'first' | 'second'): void;
  /** Ends executions, environments and servers. What was answered is kept. */
  stop(): Promise<void>;
}

const idleMsDefault = 600_000;

/**
 * AWS in this process: DynamoDB, S3, Step Functions and Lambda, as far as development needs them. With a data directory
 * everything that was answered is there again after this process is killed, but for executions.
 *
 * Throws WeirError `DATA_DIR_IN_USE`.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir);
  const lock = dataDir === undefined ? undefined : lockDataDir(dataDir);
  const undo: Undo = [() => lock?.release()];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= undoAll(undo);
    return stopping;
  };
  try {
    return await startParts({ ...options, dataDir }, undo, stop);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

type Undo = (() => Promise<void> | void)[];

async function undoAll(undo: Undo): Promise<void> {
  for (const act of undo.reverse()) await act();
}

async function startParts(
  options: Omit<LocalCloudOptions, 'dataDir'> & { readonly dataDir: string | undefined },
  undo: Undo,
  stop: () => Promise<void>,
): Promise<LocalCloud> {
  const { dataDir, host = '127.0.0.1', port = 0, clock = systemClock, random = systemRandom, timeLimits = true } = options;
  const below = (name: string): string | undefined => (dataDir === undefined ? undefined : join(dataDir, name));
  const endpoints: Record<string, string> = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'embedded',
    AWS_SECRET_ACCESS_KEY: 'embedded',
  };
  const logs = dataDir === undefined ? undefined : new FunctionLogs({ folder: logFolder(dataDir), clock });
  undo.push(() => logs?.flush());
  const functions = new FunctionHost({
    dataDir,
    random,
    variables: () => ({ ...endpoints, ...options.variables }),
    timeLimits,
    ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort }),
    idleMs: options.idleMs ?? idleMsDefault,
    onLog(line) {
      logs?.append(line);
      options.onFunctionLog?.(line);
    },
  });
  const starting = [startStores(host, below, endpoints, undo), import('./workflows.ts')] as const;
  const settled = await Promise.allSettled(starting);
  for (const part of settled) if (part.status === 'rejected') throw part.reason;
  const { Workflows } = await starting[1];
  const workflows = new Workflows({
    folder: below('state-machines'),
    clock,
    random,
    timeLimits,
    invokeFunction: (arn, payload, context) => invokeFromWorkflow(functions, arn, payload, context),
  });
  undo.push(
    () => functions.stop(),
    () => workflows.stopAll(),
  );
  const control = await startHttp(host, port, (request) => route(request, workflows, functions));
  undo.push(() => control.stop());
  Object.assign(endpoints, { AWS_ENDPOINT_URL_SFN: control.url, AWS_ENDPOINT_URL_LAMBDA: control.url });
  return {
    endpoints: Object.freeze(endpoints),
    workflows,
    createFunction: (definition) => functions.create(definition),
    deleteFunction: (target) => functions.delete(target),
    warmFunction: (target) => functions.warm(target),
    onExecutionEnded: (listener) => workflows.onExecutionEnded(listener),
    killEnvironment: (target) => functions.killEnvironment(target),
    doubleNextCall: (target, answerWith) => functions.doubleNextCall(target, answerWith),
    stop,
  };
}

async function startStores(
  host: string,
  below: (name: string) => string | undefined,
  endpoints: Record<string, string>,
  undo: Undo,
): Promise<void> {
  const starting = [
    import('./dynamodb-endpoint.ts').then(({ startDynamoDb }) => startDynamoDb(host, below('dynamodb'))),
    import('./s3-endpoint.ts').then(({ startS3 }) => startS3(host, below('s3'))),
  ] as const;
  const settled = await Promise.allSettled(starting);
  for (const part of settled) if (part.status === 'fulfilled') undo.push(() => part.value.stop());
  const [dynamoDb, s3] = await Promise.all(starting);
  Object.assign(endpoints, { AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url, AWS_ENDPOINT_URL_S3: s3.url });
}

async function route(request: HttpRequest, workflows: Workflows, functions: FunctionHost): Promise<HttpReply> {
  if (isWorkflowRequest(request)) return await answerWorkflowRequest(workflows, request);
  if (isFunctionRequest(request)) return await answerFunctionRequest(functions, request);
  return { status: 404, body: 'Neither Step Functions nor Lambda has such an operation here.\n' };
}
