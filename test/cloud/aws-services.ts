import { LambdaClient } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { systemClock } from '../../src/base/clock.ts';
import { lambdaFunctionService } from '../../src/cloud/aws/lambda-function-service.ts';
import { sfnWorkflowService } from '../../src/cloud/aws/sfn-workflow-service.ts';
import type { WorkflowsUnderTest } from './workflows-under-test.ts';

export interface ServicesOptions {
  readonly sfnEndpoint: string;
  readonly lambdaEndpoint: string;
  readonly functionArn: WorkflowsUnderTest['functionArn'];
  readonly close: () => Promise<void>;
}

/** Step Functions and Lambda by their wire protocols, wherever they are. */
export function awsServices({ sfnEndpoint, lambdaEndpoint, functionArn, close }: ServicesOptions): WorkflowsUnderTest {
  const common = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, disableHostPrefix: true };
  const sfn = new SFNClient({ ...common, endpoint: sfnEndpoint });
  const lambda = new LambdaClient({ ...common, endpoint: lambdaEndpoint });
  return {
    workflows: sfnWorkflowService(sfn),
    functions: lambdaFunctionService(lambda),
    functionArn,
    async define(name, definition) {
      const roleArn = 'arn:aws:iam::000000000000:role/workflow';
      const created = await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) }));
      return created.stateMachineArn!;
    },
    sleep: (ms) => systemClock.sleep(ms),
    async close() {
      sfn.destroy();
      lambda.destroy();
      await close();
    },
  };
}
