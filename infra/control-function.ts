import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { bundleControlHandler, type ControlHandler } from './bundle-control-handlers.ts';
import { type ControlSetting, controlEnvironment } from './control-setting.ts';
import { functionWithRole } from './function-with-role.ts';

/** API Gateway gives up after 29 seconds: whatever takes longer goes on by asking again. */
export const apiTimeout = Duration.seconds(29);
/** One step of an upgrade, or one sweep over all jobs. */
export const stepTimeout = Duration.minutes(5);

export interface ControlFunctionProps {
  readonly handler: ControlHandler;
  /** Default: `handler`. */
  readonly exported?: string;
  /** Goes on behind "Weir: ". */
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
  readonly timeout: Duration;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One function of a control plane. */
export function controlFunction(scope: Construct, id: string, setting: ControlSetting, props: ControlFunctionProps): LambdaFunction {
  return functionWithRole(scope, id, {
    directory: bundleControlHandler(props.handler, setting.bundlesDirectory),
    handler: `${props.handler}.${props.exported ?? 'handler'}`,
    description: `Weir: ${props.description}`,
    environment: { ...controlEnvironment(setting), ...props.environment },
    statements: props.statements,
    timeout: props.timeout,
    memorySize: 512,
    logRetention: setting.logRetention,
    tracing: setting.tracing,
  });
}

/**
 * Onto functions of this plane's jobs, which are known by their tag: their names are CloudFormation's, and their number grows
 * with every job, so that a list of them would not fit into a policy.
 */
export const onPrograms = ({ stack, tag }: ControlSetting, actions: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: [...actions],
    resources: [`arn:${stack.partition}:lambda:${stack.region}:${stack.account}:function:*`],
    conditions: { StringEquals: { [`aws:ResourceTag/${tag.name}`]: tag.value } },
  });
