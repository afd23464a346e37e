// The process of one function environment: loads the handler, runs one call after the other, ends with its host.
import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { forgetChild, recordThisProcess } from './child-records.ts';
import {
  type EnvironmentMessage,
  type EnvironmentStart,
  type FunctionError,
  type InvokeMessage,
  responseBytesMax,
} from './lambda-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const start = JSON.parse(process.argv[2] ?? '{}') as EnvironmentStart;

// Nobody is left to answer to.
process.once('disconnect', () => process.exit(0));

// An interrupt from the keyboard reaches the whole group of processes; what it means is for the host to say.
process.on('SIGINT', () => undefined);

if (start.recordFolder !== undefined) {
  const folder = start.recordFolder;
  recordThisProcess(folder);
  process.once('exit', () => forgetChild(folder, process.pid));
}

const tell = (message: EnvironmentMessage): void => void process.send?.(message);

function errorOf(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

async function loadHandler(): Promise<Handler> {
  const module = (await import(pathToFileURL(start.handler).href)) as Record<string, unknown>;
  const handler = module[start.export];
  if (typeof handler === 'function') return handler as Handler;
  const missing = new Error(`${start.export} is undefined or not exported by ${start.handler}`);
  missing.name = 'Runtime.HandlerNotFound';
  throw missing;
}

function contextOf(message: InvokeMessage): object {
  return {
    functionName: start.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB: String(start.memoryMb),
    awsRequestId: message.requestId,
    logGroupName: `/aws/lambda/${start.functionName}`,
    logStreamName: String(process.pid),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, message.deadline - Date.now()),
  };
}

function replyText(reply: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(reply) ?? 'null';
  } catch (thrown) {
    const unfit = new Error(`Unable to stringify response body: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    unfit.name = 'Runtime.MarshalError';
    throw unfit;
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= responseBytesMax) return text;
  const tooLarge = new Error(`Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${responseBytesMax} bytes).`);
  tooLarge.name = 'Function.ResponseSizeTooLarge';
  throw tooLarge;
}

async function invoke(handler: Handler, message: InvokeMessage): Promise<void> {
  const { requestId } = message;
  try {
    const payload = replyText(await handler(JSON.parse(message.payload), contextOf(message)));
    tell({ kind: 'returned', requestId, payload, rssBytes: process.memoryUsage.rss() });
  } catch (thrown) {
    tell({ kind: 'failed', requestId, error: errorOf(thrown), rssBytes: process.memoryUsage.rss() });
  }
}

try {
  const handler = await loadHandler();
  process.on('message', (message: InvokeMessage) => void invoke(handler, message));
  tell({ kind: 'ready' });
  // The environment will be killed, never asked to exit, so what was compiled is kept now.
  nodeModule.flushCompileCache?.();
} catch (thrown) {
  tell({ kind: 'initFailed', error: errorOf(thrown) });
}
