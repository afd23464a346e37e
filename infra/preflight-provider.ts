import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledgeProvider } from './acknowledge.ts';
import { controlFunction } from './control-function.ts';
import type { ControlSetting } from './control-setting.ts';

/** What looks at the account's limits before a deployment's functions are made. */
export class PreflightProvider extends Construct {
  readonly serviceToken: string;

  constructor(scope: Construct, id: string, setting: ControlSetting) {
    super(scope, id);
    const onEventHandler = controlFunction(this, 'preflight', setting, {
      handler: 'preflight',
      description: "compares deployments with the account's limits",
      // The account's settings are no resource: only a star stands for them.
      statements: [new PolicyStatement({ actions: ['lambda:GetAccountSettings'], resources: ['*'] })],
      timeout: Duration.minutes(1),
    });
    const provider = new Provider(this, 'Provider', { onEventHandler });
    acknowledgeProvider(provider, [onEventHandler]);
    this.serviceToken = provider.serviceToken;
  }
}
