import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { StackService } from '../stack-service.ts';
import { nameOf, serviceError } from './service-error.ts';

export function cloudFormationStacks(client: CloudFormationClient): StackService {
  return {
    async statusOf(stackId) {
      try {
        const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
        return Stacks?.[0]?.StackStatus;
      } catch (thrown) {
        if (nameOf(thrown) === 'ValidationError') return undefined;
        throw serviceError({ service: 'CloudFormation', operation: 'DescribeStacks', on: stackId }, thrown);
      }
    },
  };
}
