import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { JobFunctions } from './job-functions.ts';
import { stateMachinesArn } from './permissions.ts';

export interface WorkflowRoleProps {
  readonly functions: JobFunctions;
  /** What the names of this deployment's state machines begin with. */
  readonly workflowPrefix: string;
}

/** A managed policy has at most 6,144 characters, a function's ARN up to 120. */
const functionsPerPolicy = 45;

/** What a job's workflows run as: they may call the versions of this job's functions, and each other. */
export class WorkflowRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { functions, workflowPrefix }: WorkflowRoleProps) {
    super(scope, id);
    const workflows = stateMachinesArn(Stack.of(this), workflowPrefix);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'Weir: workflows of a deployment',
    });
    this.role.addToPolicy(new PolicyStatement({ actions: ['states:StartExecution', 'states:StartSyncExecution'], resources: [workflows] }));
    const called = [functions.coordinator, ...functions.slots];
    this.role.addToPolicy(callVersions(called.slice(0, functionsPerPolicy)));
    for (let from = functionsPerPolicy; from < called.length; from += functionsPerPolicy) {
      new ManagedPolicy(this, `Calls${from}`, {
        roles: [this.role],
        statements: [callVersions(called.slice(from, from + functionsPerPolicy))],
      });
    }
  }
}

const callVersions = (functions: readonly IFunction[]): PolicyStatement =>
  new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: functions.map((each) => `${each.functionArn}:*`) });
