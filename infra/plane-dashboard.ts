import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Dashboard, GraphWidget, type IWidget, type Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type JobMetricName, jobMetric } from './job-metrics.ts';

/** One dashboard for a plane: the API and the supervision first, then a row per deployment. */
export class PlaneDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: { readonly restApi: RestApi; readonly supervise: IFunction }) {
    super(scope, id);
    const { restApi, supervise } = props;
    this.dashboard = new Dashboard(this, 'Dashboard');
    this.dashboard.addWidgets(
      graph('Requests', [restApi.metricCount()], [restApi.metricLatency()]),
      graph('Refused and failed requests', [restApi.metricClientError(), restApi.metricServerError()]),
      graph(
        'Supervision',
        [supervise.metricInvocations(), supervise.metricErrors(), supervise.metricThrottles()],
        [supervise.metricDuration()],
      ),
    );
  }

  addDeployment(deploymentName: string): void {
    const metrics = (...names: readonly JobMetricName[]): Metric[] => names.map((name) => jobMetric(deploymentName, name, { label: name }));
    this.dashboard.addWidgets(new TextWidget({ markdown: `## ${deploymentName}`, width: 24, height: 1 }));
    this.dashboard.addWidgets(
      graph('Checkpoints', metrics('CheckpointsCompleted', 'CheckpointsFailed', 'Restarts'), metrics('CheckpointDuration')),
      graph('Records', metrics('RecordsIn', 'RecordsOut')),
      graph('Lag and backlog', metrics('EventTimeLag'), metrics('Backlog')),
      graph('State', metrics('StateBytes'), metrics('CheckpointBytes')),
    );
  }
}

const graph = (title: string, left: Metric[], right: Metric[] = []): IWidget =>
  new GraphWidget({ title, left, right, width: 6, height: 6 });
