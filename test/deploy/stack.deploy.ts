// Catches: what works on the embedded cloud and not on AWS: the same tests, on a stack that was deployed with the CDK.
import { FlinkClient } from '../external/flink-cli/flink-client.ts';
import { endToEnd } from './end-to-end.ts';
import { StackDeployment } from './stack-deployment.ts';
import { withAws } from './with-ministack.ts';

const flink = await FlinkClient.find();
if (flink.kind === 'missing') process.stderr.write(`Flink's client is not tried on a deployed stack, since ${flink.why}.\n`);

await withAws('a deployed stack', (python) => {
  const abilities = {
    reachesProcesses: python !== undefined,
    reachesSchedules: true,
    isDestroyed: true,
    ...(flink.kind === 'found' ? { flink: flink.client } : {}),
  };
  endToEnd(abilities, () => StackDeployment.start(python));
});
