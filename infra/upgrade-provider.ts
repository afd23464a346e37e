import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { controlFunction, onPrograms, stepTimeout } from './control-function.ts';
import { type ControlSetting, placesOf } from './control-setting.ts';
import { deleteObjects, driveJobs, readObjects, readRecords, stateMachinesArn, writeObjects, writeRecords } from './permissions.ts';

/** How often CloudFormation's question "is it there yet?" is answered by another step. */
const queryInterval = Duration.seconds(10);
/** How often what no stack waits for is carried on. */
const sweepInterval = Duration.minutes(5);
/** CloudFormation waits an hour for a custom resource. */
export const upgradeTimeoutMax = Duration.minutes(59);

/** What carries out the upgrades of deployments: the provider of their custom resource. */
export class UpgradeProvider extends Construct {
  readonly serviceToken: string;

  constructor(scope: Construct, id: string, setting: ControlSetting) {
    super(scope, id);
    const { stack, table, workflowPrefix, tag } = setting;
    const places = placesOf(setting);
    const statements = (): PolicyStatement[] => [
      readRecords(table),
      writeRecords(table),
      ...readObjects(stack, places),
      writeObjects(stack, places),
      deleteObjects(stack, places),
      ...driveJobs(stack, workflowPrefix),
      new PolicyStatement({
        actions: ['states:CreateStateMachine', 'states:DeleteStateMachine', 'states:DescribeStateMachine', 'states:TagResource'],
        resources: [stateMachinesArn(stack, workflowPrefix)],
      }),
      onPrograms(setting, [
        'lambda:InvokeFunction',
        'lambda:PublishVersion',
        // Onto the version, for the workflows: it lives as long as the version, whatever becomes of the stack.
        'lambda:AddPermission',
        'lambda:GetFunction',
        'lambda:GetFunctionConfiguration',
        'lambda:ListVersionsByFunction',
        'lambda:DeleteFunction',
      ]),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [`arn:${stack.partition}:iam::${stack.account}:role/*`],
        conditions: {
          StringEquals: { 'iam:PassedToService': 'states.amazonaws.com', [`iam:ResourceTag/${tag.name}`]: tag.value },
        },
      }),
      // Whether the stack goes back: its status says so. Which stack, the request says.
      new PolicyStatement({
        actions: ['cloudformation:DescribeStacks'],
        resources: [`arn:${stack.partition}:cloudformation:${stack.region}:${stack.account}:stack/*`],
      }),
      // The account's limits, which no resource stands for.
      new PolicyStatement({ actions: ['lambda:GetAccountSettings'], resources: ['*'] }),
    ];
    const step = (exported: 'onEvent' | 'isComplete' | 'sweep', description: string) =>
      controlFunction(this, exported, setting, {
        handler: 'upgrade',
        exported,
        description,
        statements: statements(),
        timeout: stepTimeout,
      });
    const provider = new Provider(this, 'Provider', {
      onEventHandler: step('onEvent', 'begins what a deployment of a stack asks for'),
      isCompleteHandler: step('isComplete', 'takes the steps of an upgrade'),
      queryInterval,
      totalTimeout: upgradeTimeoutMax,
    });
    this.serviceToken = provider.serviceToken;
    new Rule(this, 'Sweep', {
      description: 'Weir: looks after upgrades',
      schedule: Schedule.rate(sweepInterval),
      targets: [
        new LambdaTarget(step('sweep', 'carries on upgrades that no stack waits for, and takes away old versions'), { retryAttempts: 0 }),
      ],
    });
  }
}
