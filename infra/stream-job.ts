import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResource, type Duration, Names, Stack, Tags } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, IPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { StateBackend } from '../src/protocol/job-description.ts';
import { bundleJob } from './bundle-job.ts';
import { checkStreamJobProps } from './check-stream-job-props.ts';
import type { ControlPlane } from './control-plane.ts';
import { DeploymentResource } from './deployment-resource.ts';
import { JobAlarms, type JobAlarmsProps } from './job-alarms.ts';
import { JobFunctions } from './job-functions.ts';
import { type JobMetricName, jobMetric } from './job-metrics.ts';
import { type SavepointRetention, savepointSchedule } from './savepoint-schedule.ts';
import type { UpgradeMode } from './upgrade-mode.ts';
import { WorkflowRole } from './workflow-role.ts';

export interface StreamJobProps {
  readonly controlPlane: ControlPlane;
  /** The job's file, whose default export is made by `defineJob`; relative to the working directory. */
  readonly entry: string;
  /** How many functions hold the job's state, 1 to 800: subtask i of every vertex runs on slot i mod slots. */
  readonly slots: number;
  /**
   * A named place for jobs, which schedules, alarms and upgrades go by; 1 to 40 letters, digits and `-`, one of a kind in account
   * and region. Default: the construct's path.
   */
  readonly deploymentName?: string;
  /** What the job is given: anything that JSON can say, checked by the job's own schema. Default: none. */
  readonly args?: unknown;
  /** Default: what the job's file says. */
  readonly parallelism?: number;
  /** From one checkpoint to the next; 1 ms to a day. Default: what the job's file says. */
  readonly checkpointInterval?: Duration;
  /** How a new version takes over from the old one. Default: `UpgradeMode.SAVEPOINT`. */
  readonly upgrade?: UpgradeMode;
  /** How long an upgrade may take before it is taken back; 1 to 59 minutes. Default: 30 minutes. */
  readonly upgradeTimeout?: Duration;
  /** New state may leave out what the old one has, as Flink's `--allowNonRestoredState`. Default: false. */
  readonly allowNonRestoredState?: boolean;
  /** What the first job of a new deployment begins from: `s3://...`. Default: nothing. */
  readonly initialSavepointPath?: string;
  /** Default: dynamodb. */
  readonly stateBackend?: StateBackend;
  /** When savepoints are taken by themselves: `Schedule.cron({ hour: '3' })`. Default: never. */
  readonly savepointSchedule?: ScheduleExpression;
  /** Which of the scheduled savepoints are kept. Default: all. */
  readonly savepointRetention?: SavepointRetention;
  /** Of a slot's function, in MiB, 512 to 10240: a slot's state must fit. Default: 2048. */
  readonly memorySize?: number;
  /**
   * Reserves one concurrent execution per slot (two for the coordinator), so that nothing else in the account can starve the job.
   * New accounts have too few to reserve. Default: false.
   */
  readonly reservedConcurrency?: boolean;
  /** What alarms go off at, and whom they tell. Default: as said there. False: no alarms. */
  readonly alarms?: JobAlarmsProps | false;
  /** Further variables for the environment of slots and coordinator; names that begin with WEIR_ are taken. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A deployment: a named place where one job runs at a time, with the functions that run it. Grant it what its sources and sinks
 * need: `bucket.grantRead(job)`.
 *
 * CloudFormation makes functions and roles. What runs under a job, versions and state machines, is published by the deployment's
 * custom resource, which also moves the job from its old version to the new one.
 */
export class StreamJob extends Construct implements IGrantable {
  readonly deploymentName: string;
  /** Shared by slots and coordinator. */
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;
  /** Unless there are none. */
  readonly alarms: JobAlarms | undefined;

  constructor(scope: Construct, id: string, props: StreamJobProps) {
    super(scope, id);
    checkStreamJobProps(props);
    const { controlPlane } = props;
    this.deploymentName = props.deploymentName ?? defaultName(this);
    Tags.of(this).add(controlPlane.tag.name, controlPlane.tag.value);
    Tags.of(this).add('weir:deployment', this.deploymentName);

    const workflowPrefix = `${controlPlane.workflowPrefix}-${this.deploymentName}`;
    const bundle = bundleJob(props.entry, controlPlane.bundlesDirectory);
    const preflight = new CustomResource(this, 'Preflight', {
      resourceType: 'Custom::WeirPreflight',
      serviceToken: controlPlane.preflightServiceToken,
      properties: {
        Deployment: this.deploymentName,
        Slots: String(props.slots),
        ReservedConcurrency: String(props.reservedConcurrency ?? false),
        CodeBytes: String(bytesIn(bundle.directory)),
      },
    });
    const functions = new JobFunctions(this, 'Functions', {
      setting: controlPlane,
      bundle: bundle.directory,
      deploymentName: this.deploymentName,
      workflowPrefix,
      slots: props.slots,
      memorySize: props.memorySize ?? 2048,
      reservedConcurrency: props.reservedConcurrency ?? false,
      environment: props.environment ?? {},
    });
    functions.node.addDependency(preflight);
    this.role = functions.role;
    this.grantPrincipal = this.role.grantPrincipal;
    const workflowRole = new WorkflowRole(this, 'WorkflowRole', { setting: controlPlane, workflowPrefix });
    const { schedule } = savepointSchedule(this, {
      controlPlane,
      deploymentName: this.deploymentName,
      expression: props.savepointSchedule,
      retention: props.savepointRetention ?? {},
    });
    new DeploymentResource(this, 'Deployment', {
      job: props,
      deploymentName: this.deploymentName,
      // What functions run with belongs to a version of them as their code does.
      codeDigest: digestOf([bundle.programId, Stack.of(this).resolve(functions.configuration)]),
      functions,
      workflowRoleArn: workflowRole.role.roleArn,
      workflowPrefix,
      schedule,
    });
    this.alarms = props.alarms === false ? undefined : new JobAlarms(this, 'Alarms', this.deploymentName, props.alarms ?? {});
    controlPlane.showDeployment(this.deploymentName);
  }

  /** One of this deployment's metrics, over five minutes by default. */
  metric(name: JobMetricName, options?: MetricOptions): Metric {
    return jobMetric(this.deploymentName, name, options);
  }

  /** Checkpoints that completed. */
  metricCompletedCheckpoints(options?: MetricOptions): Metric {
    return this.metric('CheckpointsCompleted', options);
  }

  /** Attempts at checkpoints that failed. */
  metricFailedCheckpoints(options?: MetricOptions): Metric {
    return this.metric('CheckpointsFailed', options);
  }

  /** From barrier to commit, in milliseconds; the 95th percentile by default. */
  metricCheckpointDuration(options?: MetricOptions): Metric {
    return this.metric('CheckpointDuration', options);
  }

  /** How far event time is behind the clock, in milliseconds: of the slowest subtask, in jobs that have watermarks. */
  metricLag(options?: MetricOptions): Metric {
    return this.metric('EventTimeLag', options);
  }

  /** Failures that the job came back from. */
  metricRestarts(options?: MetricOptions): Metric {
    return this.metric('Restarts', options);
  }

  /** All state of the job, in bytes. */
  metricStateBytes(options?: MetricOptions): Metric {
    return this.metric('StateBytes', options);
  }

  /** Records that sources read. */
  metricRecordsIn(options?: MetricOptions): Metric {
    return this.metric('RecordsIn', options);
  }
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** More than what it takes as an archive. */
const bytesIn = (directory: string): number => readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

/** `Weir-FlightDelays`; longer ones are cut, with a digest at their end. */
function defaultName(construct: Construct): string {
  const path = construct.node.path.replaceAll(/[^A-Za-z0-9]+/g, '-');
  return /^[A-Za-z0-9-]{1,40}$/.test(path) ? path : Names.uniqueResourceName(construct, { maxLength: 40, separator: '-' });
}
