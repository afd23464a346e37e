import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { WeirError } from '../../base/errors.ts';
import type { FunctionService } from '../function-service.ts';
import type { Json } from '../workflow-service.ts';
import { serviceError } from './service-error.ts';

/** Functions in Lambda. The client library may call twice where a reply was lost. */
export function lambdaFunctionService(client: LambdaClient): FunctionService {
  return {
    async invoke(functionArn, payload) {
      try {
        const reply = await client.send(
          new InvokeCommand({ FunctionName: functionArn, InvocationType: 'RequestResponse', Payload: utf8(JSON.stringify(payload)) }),
        );
        const text = reply.Payload === undefined || reply.Payload.byteLength === 0 ? 'null' : fromUtf8(reply.Payload);
        const result = JSON.parse(text) as Json;
        if (reply.FunctionError === undefined) return result;
        throw functionFailed(functionArn, result);
      } catch (thrown) {
        throw serviceError({ service: 'Lambda', operation: 'Invoke', on: functionArn }, thrown);
      }
    },
  };
}

/** Lambda describes what a function threw as `{ errorType, errorMessage, trace }`. */
function functionFailed(functionArn: string, described: Json): WeirError {
  const { errorType, errorMessage } = (typeof described === 'object' && described !== null ? described : {}) as {
    readonly errorType?: Json;
    readonly errorMessage?: Json;
  };
  return new WeirError({
    code: 'FUNCTION_FAILED',
    domain: 'external',
    message: `The function "${functionArn}" failed: ${String(errorType ?? 'Error')}: ${String(errorMessage ?? JSON.stringify(described))}`,
    advice: "The function's log tells more.",
    subject: { function: functionArn, errorName: String(errorType ?? 'Error') },
  });
}
