import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { awsServices } from '../../cloud/aws-services.ts';
import type { WorkflowsUnderTest } from '../../cloud/workflows-under-test.ts';
import type { Server } from './in-stores.ts';
import { zipOf } from './zip-of.ts';

const source = readFileSync(fileURLToPath(new URL('../../cloud/fixtures/contract-functions.mjs', import.meta.url)));

/** Step Functions and Lambda of a cloud that takes functions as archives. */
export async function ministackServices(server: Server): Promise<WorkflowsUnderTest> {
  const lambda = new LambdaClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const name of ['echo', 'fail', 'keepToken']) {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs24.x',
        Handler: `index.${name}`,
        Role: 'arn:aws:iam::000000000000:role/function',
        Code: { ZipFile: zipOf('index.mjs', source) },
        Timeout: 10,
      }),
    );
  }
  lambda.destroy();
  return awsServices({
    sfnEndpoint: server.url,
    lambdaEndpoint: server.url,
    functionArn: (name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    close: async () => await server[Symbol.asyncDispose](),
  });
}
