import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeProvider } from './acknowledge.ts';
import { controlFunction, stepTimeout } from './control-function.ts';
import type { ControlSetting } from './control-setting.ts';
import { upgradePermissions } from './upgrade-permissions.ts';

/** How often CloudFormation's question "is it there yet?" is answered by another step. */
const queryInterval = Duration.seconds(5);
/** How often what no stack waits for is carried on. */
const sweepInterval = Duration.minutes(5);
/** CloudFormation waits so long for a custom resource, and no longer. */
export const upgradeTimeoutMax = Duration.hours(1);

/** What carries out the operations of deployments: the provider behind their custom resources. */
export class UpgradeProvider extends Construct {
  readonly serviceToken: string;

  constructor(scope: Construct, id: string, setting: ControlSetting) {
    super(scope, id);
    const { stack } = setting;
    const step = (exported: 'onEvent' | 'isComplete' | 'sweep', description: string) =>
      controlFunction(this, exported, setting, {
        handler: 'upgrade',
        exported,
        description,
        statements: [
          ...upgradePermissions(setting),
          // Whether the stack goes back: its status says so. Which stack, the request says.
          new PolicyStatement({
            actions: ['cloudformation:DescribeStacks'],
            resources: [`arn:${stack.partition}:cloudformation:${stack.region}:${stack.account}:stack/*`],
          }),
        ],
        timeout: stepTimeout,
      });
    const onEventHandler = step('onEvent', 'begins what a deployment of a stack asks for');
    const isCompleteHandler = step('isComplete', 'takes the steps of an upgrade');
    const provider = new Provider(this, 'Provider', { onEventHandler, isCompleteHandler, queryInterval, totalTimeout: upgradeTimeoutMax });
    acknowledgeProvider(provider, [onEventHandler, isCompleteHandler]);
    for (const rule of ['SF1', 'SF2']) acknowledge(provider, rule, 'It only waits: what happens is in the log of the upgrade function.');
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
