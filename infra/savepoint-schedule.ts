import { Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ContextAttribute, Schedule, type ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import type { ControlPlane } from './control-plane.ts';

/** Which of a deployment's scheduled savepoints are kept; the latest always is. */
export interface SavepointRetention {
  /** So many of the newest; 1 or more. Default: all. */
  readonly keep?: number;
  /** Those that are younger. Default: all. */
  readonly maxAge?: Duration;
}

export interface SavepointScheduleProps {
  readonly controlPlane: ControlPlane;
  readonly deploymentName: string;
  /** Left out: there is no schedule. */
  readonly expression: ScheduleExpression | undefined;
  readonly retention: SavepointRetention;
}

/** As the deployment's record keeps it. */
export interface ScheduleRecord {
  readonly expression: string;
  readonly timeZone: string;
  readonly keep?: number;
  readonly maxAgeMs?: number;
}

/** Has a savepoint taken of the deployment's current job, whichever it is by then. Gives what is to be recorded of it. */
export function savepointSchedule(scope: Construct, props: SavepointScheduleProps): { readonly schedule: ScheduleRecord | undefined } {
  const { controlPlane, deploymentName, expression, retention } = props;
  if (expression === undefined) return { schedule: undefined };
  const kept = {
    ...(retention.keep === undefined ? {} : { keep: retention.keep }),
    ...(retention.maxAge === undefined ? {} : { maxAgeMs: retention.maxAge.toMilliseconds() }),
  };
  new Schedule(scope, 'SavepointSchedule', {
    description: `Weir: savepoints of deployment ${deploymentName}`,
    schedule: expression,
    target: new LambdaInvoke(controlPlane.scheduledSavepoint, {
      role: schedulerRole(scope, controlPlane).withoutPolicyUpdates(),
      input: ScheduleTargetInput.fromObject({ deployment: deploymentName, scheduledTime: ContextAttribute.scheduledTime, retention: kept }),
      // The same firing again finds its own savepoint; one that is hours late is worth less than the next.
      retryAttempts: 10,
      maxEventAge: Duration.hours(1),
    }),
  });
  return { schedule: { expression: expression.expressionString, timeZone: expression.timeZone?.timezoneName ?? 'Etc/UTC', ...kept } };
}

/** May call that one function, and not its versions, which the target would grant as well. */
function schedulerRole(scope: Construct, { scheduledSavepoint, stack }: ControlPlane): Role {
  return new Role(scope, 'SchedulerRole', {
    description: 'Weir: calls the function that takes scheduled savepoints',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': stack.account } } }),
    inlinePolicies: {
      Call: new PolicyDocument({
        statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [scheduledSavepoint.functionArn] })],
      }),
    },
  });
}
