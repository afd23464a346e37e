import { CreateStateMachineCommand, DeleteStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { WorkflowPublisher } from '../workflow-publisher.ts';
import { nameOf, serviceError } from './service-error.ts';

/** Workflows in Step Functions. */
export function sfnWorkflowPublisher(client: SFNClient): WorkflowPublisher {
  return {
    async create({ name, type, definition, role }) {
      try {
        const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name, type, definition, roleArn: role }));
        return { kind: 'created', workflowArn: stateMachineArn! };
      } catch (thrown) {
        if (nameOf(thrown) === 'StateMachineDeleting') return { kind: 'deleting' };
        throw serviceError({ service: 'Step Functions', operation: 'CreateStateMachine', on: name }, thrown);
      }
    },
    async delete(workflowArn) {
      try {
        await client.send(new DeleteStateMachineCommand({ stateMachineArn: workflowArn }));
      } catch (thrown) {
        if (nameOf(thrown) === 'StateMachineDoesNotExist') return;
        throw serviceError({ service: 'Step Functions', operation: 'DeleteStateMachine', on: workflowArn }, thrown);
      }
    },
  };
}
