import { CustomResource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { workflowTexts } from '../functions/workflow-texts.ts';
import { workflowDigest } from '../src/deployment/workflow-definitions.ts';
import type { JobFunctions } from './job-functions.ts';
import type { ScheduleRecord } from './savepoint-schedule.ts';
import type { StreamJobProps } from './stream-job.ts';
import { UpgradeMode } from './upgrade-mode.ts';
import { upgradeTimeoutMax } from './upgrade-provider.ts';

export interface DeploymentResourceProps {
  readonly job: StreamJobProps;
  readonly deploymentName: string;
  readonly codeDigest: string;
  readonly functions: JobFunctions;
  readonly workflowRoleArn: string;
  readonly workflowPrefix: string;
  readonly schedule: ScheduleRecord | undefined;
}

/**
 * What moves the job: its properties say what should run, and whenever one of them changes the upgrade function is called. It
 * comes after everything else of its construct, and goes before.
 */
export class DeploymentResource extends Construct {
  constructor(scope: Construct, id: string, props: DeploymentResourceProps) {
    super(scope, id);
    const { job, functions, schedule } = props;
    const stack = Stack.of(this);
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::WeirDeployment',
      serviceToken: job.controlPlane.upgradeServiceToken,
      serviceTimeout: upgradeTimeoutMax,
      // CloudFormation makes strings of whatever it passes on: better here than there.
      properties: withoutMissing({
        Deployment: props.deploymentName,
        CodeDigest: props.codeDigest,
        SlotFunctionArns: functions.slots.map((each) => each.functionArn),
        CoordinatorFunctionArn: functions.coordinator.functionArn,
        WorkflowRoleArn: props.workflowRoleArn,
        WorkflowPrefix: props.workflowPrefix,
        WorkflowDigest: workflowDigest(workflowTexts),
        Slots: String(job.slots),
        Args: stack.toJsonString(job.args ?? {}),
        Parallelism: textOf(job.parallelism),
        CheckpointIntervalMs: textOf(job.checkpointInterval?.toMilliseconds()),
        UpgradeMode: job.upgrade ?? UpgradeMode.SAVEPOINT,
        UpgradeTimeoutMs: textOf(job.upgradeTimeout?.toMilliseconds()),
        StateBackend: job.stateBackend,
        AllowNonRestoredState: String(job.allowNonRestoredState ?? false),
        InitialSavepointPath: job.initialSavepointPath,
        Schedule: schedule === undefined ? undefined : JSON.stringify(schedule),
      }),
    });
    for (const sibling of scope.node.children) if (sibling !== this) resource.node.addDependency(sibling);
  }
}

const textOf = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

const withoutMissing = (properties: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
