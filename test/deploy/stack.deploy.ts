// Catches: what works on the embedded cloud and not on AWS: the same tests, on a stack that was deployed with the CDK.
import { endToEnd } from './end-to-end.ts';
import { StackDeployment } from './stack-deployment.ts';
import { withAws } from './with-ministack.ts';

await withAws('a deployed stack', (python) => {
  const abilities = { reachesProcesses: python !== undefined, reachesSchedules: true, isDestroyed: true };
  endToEnd(abilities, () => StackDeployment.start(python));
});
