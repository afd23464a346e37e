import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { WeirError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { ExecutionStatus, Json, WorkflowService } from '../workflow-service.ts';
import { nameOf, serviceError } from './service-error.ts';

const goneTokens = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/** Workflows in Step Functions, by the ARN of a Standard state machine, of a version of one, or of an alias. */
export function sfnWorkflowService(client: SFNClient): WorkflowService {
  const call = async <T>(operation: string, on: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (thrown) {
      throw serviceError({ service: 'Step Functions', operation, on }, thrown);
    }
  };

  return {
    start: (workflowArn, executionName, input) =>
      call('StartExecution', workflowArn, async () => {
        try {
          await client.send(
            new StartExecutionCommand({ stateMachineArn: workflowArn, name: executionName, input: payloadOf(input, executionName) }),
          );
          return 'started';
        } catch (thrown) {
          if (nameOf(thrown) === 'ExecutionAlreadyExists') return 'exists';
          throw thrown;
        }
      }),

    status: (workflowArn, executionName) =>
      call('DescribeExecution', executionName, async () => {
        try {
          const { status } = await client.send(new DescribeExecutionCommand({ executionArn: executionArn(workflowArn, executionName) }));
          return statusFrom(status);
        } catch (thrown) {
          if (nameOf(thrown) === 'ExecutionDoesNotExist') return undefined;
          throw thrown;
        }
      }),

    sendTaskSuccess: (taskToken, output) =>
      call('SendTaskSuccess', 'a task token', async () => {
        try {
          await client.send(new SendTaskSuccessCommand({ taskToken, output: payloadOf(output, 'a task') }));
          return 'sent';
        } catch (thrown) {
          if (goneTokens.has(nameOf(thrown))) return 'gone';
          throw thrown;
        }
      }),

    stop: (workflowArn, executionName, cause) =>
      call('StopExecution', executionName, async () => {
        try {
          await client.send(
            new StopExecutionCommand({ executionArn: executionArn(workflowArn, executionName), cause: cause.slice(0, 32_768) }),
          );
        } catch (thrown) {
          if (nameOf(thrown) !== 'ExecutionDoesNotExist') throw thrown;
        }
      }),
  };
}

/** `arn:aws:states:<region>:<account>:stateMachine:<name>[:<version or alias>]` names executions without the last part. */
function executionArn(workflowArn: string, executionName: string): string {
  const parts = workflowArn.split(':');
  if (parts.length >= 7 && parts[5] === 'stateMachine') return [...parts.slice(0, 5), 'execution', parts[6], executionName].join(':');
  throw new WeirError({
    code: 'ARN_INVALID',
    domain: 'user',
    message: `A workflow should be named by the ARN of a state machine; found "${workflowArn}".`,
    advice: "Correct the deployment's program.",
  });
}

/** `PENDING_REDRIVE` and whatever else may come is still to go on. */
function statusFrom(status: string | undefined): ExecutionStatus {
  switch (status) {
    case 'SUCCEEDED':
    case 'FAILED':
    case 'TIMED_OUT':
    case 'ABORTED':
      return status;
    default:
      return 'RUNNING';
  }
}

function payloadOf(value: Json, of: string): string {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= limits.workflowPayloadBytesMax) return text;
  throw new WeirError({
    code: 'PAYLOAD_TOO_LARGE',
    domain: 'internal',
    message: `The payload of ${of} must not exceed ${limits.workflowPayloadBytesMax} bytes, but takes ${bytes}.`,
  });
}
