import type { FunctionHost } from './function-host.ts';
import type { Json } from './json.ts';
import { TaskError } from './task-error.ts';
import type { TaskContext } from './task-integrations.ts';

/** A call of a function by a task, with its failures under the names that Step Functions gives them. */
export async function invokeFromWorkflow(host: FunctionHost, functionArn: string, payload: Json, { signal }: TaskContext): Promise<Json> {
  const outcome = await host.invoke(functionArn, JSON.stringify(payload), signal);
  switch (outcome.kind) {
    case 'returned':
      return JSON.parse(outcome.payload) as Json;
    case 'failed':
      throw new TaskError(outcome.error.errorType || 'Lambda.Unknown', JSON.stringify(outcome.error));
    case 'throttled':
      throw new TaskError('Lambda.TooManyRequestsException', 'Rate Exceeded.');
    case 'unknownFunction':
      throw new TaskError('Lambda.ResourceNotFoundException', `Function not found: ${functionArn}`);
    case 'requestTooLarge':
      throw new TaskError('Lambda.RequestTooLargeException', `${outcome.bytes} bytes are more than a function takes.`);
  }
}
