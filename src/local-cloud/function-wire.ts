import type { FunctionHost, InvokeOutcome } from './function-host.ts';
import type { HttpReply, HttpRequest } from './http-endpoint.ts';

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Whether a request is for Lambda. */
export const isFunctionRequest = ({ method, path }: HttpRequest): boolean => method === 'POST' && invocationPath.test(path);

/** Lambda's protocol: the one operation Invoke, synchronous, as an event, or as a dry run. */
export async function answerFunctionRequest(host: FunctionHost, request: HttpRequest): Promise<HttpReply> {
  const target = invocationPath.exec(request.path)![1]!;
  const payload = request.body === '' ? '{}' : request.body;
  if (!isJson(payload)) return fault(400, 'InvalidRequestContentException', 'Could not parse request body into json.');
  switch (request.header('x-amz-invocation-type') ?? 'RequestResponse') {
    case 'DryRun':
      return { status: 204, body: '' };
    case 'Event':
      void host.invoke(target, payload).catch(() => undefined);
      return { status: 202, body: '' };
    default:
      return shaped(target, await host.invoke(target, payload));
  }
}

function shaped(target: string, outcome: InvokeOutcome): HttpReply {
  switch (outcome.kind) {
    case 'returned':
      return { status: 200, headers: { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' }, body: outcome.payload };
    case 'failed':
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'x-amz-function-error': 'Unhandled', 'x-amz-executed-version': '$LATEST' },
        body: JSON.stringify(outcome.error),
      };
    case 'throttled':
      return fault(429, 'TooManyRequestsException', 'Rate Exceeded.');
    case 'unknownFunction':
      return fault(404, 'ResourceNotFoundException', `Function not found: ${target}`);
    case 'requestTooLarge':
      return fault(413, 'RequestTooLargeException', `${outcome.bytes} byte payload is too large for the RequestResponse invocation type`);
  }
}

const fault = (status: number, name: string, message: string): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': name },
  body: JSON.stringify({ Message: message, Type: 'User' }),
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
