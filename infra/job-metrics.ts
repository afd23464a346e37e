import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace } from '../functions/emf-line.ts';

/** What functions of a job write as metrics, whose only dimension is the deployment: names of jobs change at every restore. */
export type JobMetricName =
  | 'CheckpointsCompleted'
  | 'CheckpointsFailed'
  | 'CheckpointDuration'
  | 'CheckpointBytes'
  | 'StateBytes'
  | 'RecordsIn'
  | 'RecordsOut'
  | 'Backlog'
  | 'EventTimeLag'
  | 'Restarts'
  | 'JobsFailed';

const statistics: Readonly<Record<JobMetricName, string>> = {
  CheckpointsCompleted: Stats.SUM,
  CheckpointsFailed: Stats.SUM,
  CheckpointDuration: Stats.p(95),
  CheckpointBytes: Stats.SUM,
  StateBytes: Stats.MAXIMUM,
  RecordsIn: Stats.SUM,
  RecordsOut: Stats.SUM,
  Backlog: Stats.MAXIMUM,
  EventTimeLag: Stats.MAXIMUM,
  Restarts: Stats.SUM,
  JobsFailed: Stats.SUM,
};

/** Over five minutes, by the statistic that fits it, unless options say otherwise. */
export const jobMetric = (deploymentName: string, metricName: JobMetricName, options: MetricOptions = {}): Metric =>
  new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { deployment: deploymentName },
    statistic: statistics[metricName],
    period: Duration.minutes(5),
    ...options,
  });
