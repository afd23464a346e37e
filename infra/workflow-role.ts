import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { ControlSetting } from './control-setting.ts';
import { stateMachinesArn } from './permissions.ts';

export interface WorkflowRoleProps {
  readonly setting: ControlSetting;
  /** What the names of this deployment's state machines begin with. */
  readonly workflowPrefix: string;
}

/**
 * What a deployment's workflows run as. They may start each other. That they may call functions is said by every published version
 * of these, so that a stack that drops a slot takes no permission from a job that runs on it.
 */
export class WorkflowRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { setting, workflowPrefix }: WorkflowRoleProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'Weir: workflows of a deployment',
      path: workflowRolesPath(setting),
    });
    const start = new PolicyStatement({
      actions: ['states:StartExecution', 'states:StartSyncExecution'],
      resources: [stateMachinesArn(setting.stack, workflowPrefix)],
    });
    this.role.addToPolicy(start);
    acknowledgeWildcards(this.role, [start]);
  }
}

/** Who may pass a role can't be said by its tags, but by its path. */
export const workflowRolesPath = ({ tag }: ControlSetting): string => `/weir/${tag.value}/`;
