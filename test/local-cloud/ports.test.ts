// The embedded cloud's workflows and functions keep the same contracts as those of AWS: the same suites run against both.
import { fileURLToPath } from 'node:url';
import { startLocalCloud } from '../../src/local-cloud/index.ts';
import { awsServices } from '../cloud/aws-services.ts';
import { functionServiceContract } from '../cloud/function-service-contract.ts';
import { workflowServiceContract } from '../cloud/workflow-service-contract.ts';
import type { WorkflowsUnderTest } from '../cloud/workflows-under-test.ts';

const handler = fileURLToPath(new URL('../cloud/fixtures/contract-functions.mjs', import.meta.url));

async function embedded(): Promise<WorkflowsUnderTest> {
  const cloud = await startLocalCloud({});
  for (const name of ['echo', 'fail', 'keepToken']) {
    const memory = { timeoutMs: 10_000, memoryMb: 256, busyWaitMs: 10_000 };
    await cloud.createFunction({ name, handler, export: name, environment: {}, ...memory });
  }
  return awsServices({
    sfnEndpoint: cloud.endpoints['AWS_ENDPOINT_URL_SFN']!,
    lambdaEndpoint: cloud.endpoints['AWS_ENDPOINT_URL_LAMBDA']!,
    functionArn: (name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    close: () => cloud.stop(),
  });
}

workflowServiceContract('the embedded cloud', embedded);
functionServiceContract('the embedded cloud', embedded);
