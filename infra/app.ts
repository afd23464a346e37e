import { App, Duration, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ControlPlane, type ControlPlaneAuth, Schedule, StreamJob, type StreamJobProps } from './index.ts';

/**
 * The example in an account: `npx cdk deploy` runs flight delays over the flights of `vega-datasets`, and writes to the plane's
 * bucket. By context (`-c name=value`): `job`, another file, then also `args` as JSON; `name` of the deployment, `slots`,
 * `parallelism`, `checkpointSeconds`, `upgrade` (savepoint, last-state, stateless, manual), `allowNonRestoredState`,
 * `initialSavepointPath`, `schedule` (in EventBridge's words) with `keep`, `auth` (iam, token, none), `stack`; and to take over what
 * an earlier stack left, the names `table` and `bucket`.
 */
const app = new App();
const text = (name: string): string | undefined => {
  const value: unknown = app.node.tryGetContext(name);
  return value === undefined || value === '' ? undefined : String(value);
};
const number = (name: string): number | undefined => (text(name) === undefined ? undefined : Number(text(name)));
/** Only what is given, since `undefined` is no value of an option that may be left out. */
const given = <Name extends keyof StreamJobProps>(name: Name, value: StreamJobProps[Name] | undefined): Partial<StreamJobProps> =>
  value === undefined ? {} : { [name]: value };

const stack = new Stack(app, text('stack') ?? 'Weir', { description: 'Weir: the example flight delays' });
const table = text('table');
const bucket = text('bucket');
const plane = new ControlPlane(stack, 'Weir', {
  auth: (text('auth') ?? 'iam') as ControlPlaneAuth,
  ...(table === undefined ? {} : { table: Table.fromTableName(stack, 'RetainedRecords', table) }),
  ...(bucket === undefined ? {} : { bucket: Bucket.fromBucketName(stack, 'RetainedState', bucket) }),
});
const flights = new Asset(stack, 'Flights', { path: 'node_modules/vega-datasets/data/flights-20k.json' });
const seconds = number('checkpointSeconds');
const schedule = text('schedule');
const keep = number('keep');
const job = new StreamJob(stack, 'FlightDelays', {
  controlPlane: plane,
  entry: text('job') ?? 'examples/flight-delays/job.ts',
  slots: number('slots') ?? 2,
  args: JSON.parse(text('args') ?? 'null') ?? { input: flights.s3ObjectUrl, output: plane.bucket.s3UrlForObject('output/flight-delays') },
  // The flights are of 2001.
  alarms: { lag: 'none' },
  ...given('deploymentName', text('name')),
  ...given('parallelism', number('parallelism')),
  ...given('checkpointInterval', seconds === undefined ? undefined : Duration.seconds(seconds)),
  ...given('upgrade', text('upgrade') as StreamJobProps['upgrade']),
  ...given('allowNonRestoredState', text('allowNonRestoredState') === 'true'),
  ...given('initialSavepointPath', text('initialSavepointPath')),
  ...given('savepointSchedule', schedule === undefined ? undefined : Schedule.expression(schedule)),
  ...given('savepointRetention', keep === undefined ? undefined : { keep }),
});
flights.grantRead(job);
plane.bucket.grantReadWrite(job, 'output/*');
