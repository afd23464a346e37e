import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarmAction, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { jobMetric } from './job-metrics.ts';

export interface JobAlarmsProps {
  /** Told by each alarm, when it goes off and when it is over. Default: none; alarms are seen in CloudWatch. */
  readonly actions?: readonly IAlarmAction[];
  /** So many failed attempts at checkpoints within five minutes. Default: 3. */
  readonly failedCheckpoints?: number;
  /** So many restarts of the job within fifteen minutes. Default: 3. */
  readonly restarts?: number;
  /**
   * Event time behind the clock by more than this for fifteen minutes. Default: 15 minutes. `none` for jobs whose event time is
   * history, or that have no watermarks.
   */
  readonly lag?: Duration | 'none';
}

/** What somebody should look at. A job with nothing to do says nothing, and that is no alarm. */
export class JobAlarms extends Construct {
  readonly failedCheckpoints: Alarm;
  readonly restarts: Alarm;
  readonly jobFailed: Alarm;
  readonly lag: Alarm | undefined;

  constructor(scope: Construct, id: string, deploymentName: string, props: JobAlarmsProps) {
    super(scope, id);
    const alarm = (name: string, words: string, metric: Metric, threshold: number, evaluationPeriods = 1): Alarm => {
      const made = new Alarm(this, name, {
        alarmDescription: `Weir: deployment ${deploymentName}: ${words}`,
        metric,
        threshold,
        evaluationPeriods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      for (const action of props.actions ?? []) {
        made.addAlarmAction(action);
        made.addOkAction(action);
      }
      return made;
    };
    const { failedCheckpoints = 3, restarts = 3, lag = Duration.minutes(15) } = props;
    const quarter = { period: Duration.minutes(15) };
    this.failedCheckpoints = alarm(
      'FailedCheckpoints',
      `${failedCheckpoints} or more attempts at checkpoints failed within 5 minutes`,
      jobMetric(deploymentName, 'CheckpointsFailed'),
      failedCheckpoints,
    );
    this.restarts = alarm(
      'Restarts',
      `the job restarted ${restarts} times or more within 15 minutes`,
      jobMetric(deploymentName, 'Restarts', quarter),
      restarts,
    );
    this.jobFailed = alarm('JobFailed', 'the job has FAILED, and does not come back by itself', jobMetric(deploymentName, 'JobsFailed'), 1);
    this.lag =
      lag === 'none'
        ? undefined
        : alarm(
            'Lag',
            `event time has been ${lag.toHumanString()} or more behind the clock for 15 minutes`,
            jobMetric(deploymentName, 'EventTimeLag'),
            lag.toMilliseconds(),
            3,
          );
  }
}
