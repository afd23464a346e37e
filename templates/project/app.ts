import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ControlPlane, StreamJob } from 'weir-streams/cdk';

const app = new App();
const stack = new Stack(app, 'my-job');
const plane = new ControlPlane(stack, 'Weir', {});

const text = new Asset(stack, 'Text', { path: 'texts/weirs.txt' });
const counts = plane.bucket.s3UrlForObject('counts');

const job = new StreamJob(stack, 'WordCount', {
  controlPlane: plane,
  entry: 'job.ts',
  slots: 2,
  args: { input: text.s3ObjectUrl, output: counts },
});
text.grantRead(job);
plane.bucket.grantReadWrite(job, 'counts/*');
new CfnOutput(stack, 'Counts', { value: counts });
