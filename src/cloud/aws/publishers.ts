import type { FunctionPublisher, WorkflowPublisher } from '../index.ts';
import type { StackService } from '../stack-service.ts';
import { cloudFormationStacks } from './cloudformation-stacks.ts';
import { functionClient } from './function-client.ts';
import { lambdaFunctionPublisher } from './lambda-function-publisher.ts';
import { sfnWorkflowPublisher } from './sfn-workflow-publisher.ts';
import { stackClient } from './stack-client.ts';
import { workflowClient } from './workflow-client.ts';

/** What deployments need of AWS beside a cloud: configured as every AWS tool is. For the one function that does all of this. */
export function awsPublishers(): {
  readonly functions: FunctionPublisher;
  readonly workflows: WorkflowPublisher;
  readonly stacks: StackService;
} {
  return {
    functions: lambdaFunctionPublisher(functionClient()),
    workflows: sfnWorkflowPublisher(workflowClient()),
    stacks: cloudFormationStacks(stackClient()),
  };
}
