import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import type { FunctionPublisher } from '../function-publisher.ts';
import { nameOf, serviceError } from './service-error.ts';

const isMissing = (thrown: unknown): boolean => nameOf(thrown) === 'ResourceNotFoundException';

/** Versions in Lambda. Each carries the permission to be called by its workflows, and takes it along when it goes. */
export function lambdaFunctionPublisher(client: LambdaClient): FunctionPublisher {
  const call = async <T>(operation: string, on: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (thrown) {
      throw serviceError({ service: 'Lambda', operation, on }, thrown);
    }
  };
  const configurationOf = (target: string) =>
    call('GetFunctionConfiguration', target, async () => {
      try {
        return await client.send(new GetFunctionConfigurationCommand({ FunctionName: target }));
      } catch (thrown) {
        if (isMissing(thrown)) return undefined;
        throw thrown;
      }
    });
  const remove = (target: string) =>
    call('DeleteFunction', target, async () => {
      try {
        await client.send(new DeleteFunctionCommand(functionAndQualifier(target)));
      } catch (thrown) {
        if (!isMissing(thrown)) throw thrown;
      }
    });
  const permit = (versionArn: string, invoker: string) =>
    call('AddPermission', versionArn, async () => {
      try {
        await client.send(
          new AddPermissionCommand({
            ...functionAndQualifier(versionArn),
            StatementId: 'weir-workflows',
            Action: 'lambda:InvokeFunction',
            Principal: invoker,
          }),
        );
      } catch (thrown) {
        // It has the permission already.
        if (nameOf(thrown) !== 'ResourceConflictException') throw thrown;
      }
    });

  return {
    codeOf: async (functionArn) => (await configurationOf(functionArn))?.CodeSha256,

    publish: (functionArn, { code, invoker }) =>
      call('PublishVersion', functionArn, async () => {
        try {
          const { FunctionArn } = await client.send(new PublishVersionCommand({ FunctionName: functionArn, CodeSha256: code }));
          await permit(FunctionArn!, invoker);
          return { kind: 'published', versionArn: FunctionArn! };
        } catch (thrown) {
          if (isMissing(thrown) || isOtherCode(thrown)) return { kind: 'changed' };
          if (nameOf(thrown) === 'ResourceConflictException') return { kind: 'updating' };
          throw thrown;
        }
      }),

    async stateOf(versionArn) {
      const configuration = await configurationOf(versionArn);
      if (configuration === undefined) return 'missing';
      if (configuration.State === 'Pending') return 'pending';
      return configuration.State === 'Failed' ? 'failed' : 'ready';
    },

    deleteVersion: remove,
    deleteFunction: remove,
  };
}

/** Lambda says that its code is another as an invalid parameter. */
const isOtherCode = (thrown: unknown): boolean =>
  nameOf(thrown) === 'InvalidParameterValueException' && thrown instanceof Error && /CodeSHA256/i.test(thrown.message);

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<version>]` */
function functionAndQualifier(target: string): { readonly FunctionName: string; readonly Qualifier?: string } {
  const parts = target.split(':');
  if (parts.length !== 8) return { FunctionName: target };
  return { FunctionName: parts.slice(0, 7).join(':'), Qualifier: parts[7]! };
}
