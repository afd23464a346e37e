import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientOf } from '../../src/cli/endpoint.ts';
import type { ControlClient } from '../../src/control-api/client.ts';
import { Workplace } from '../cli/weir-process.ts';
import { type AwsUnderTest, awsUnderTest } from './aws-under-test.ts';
import { cdk } from './cdk.ts';
import type { DeployRequest, Said, TestDeployment } from './test-deployment.ts';

/** As infra/app.ts has it: the construct's path. */
const deploymentName = 'Weir-FlightDelays';

/** The stack of infra/app.ts, deployed with the CDK's command. */
export class StackDeployment implements TestDeployment {
  readonly #aws: AwsUnderTest;
  readonly #workplace = new Workplace();
  readonly #directory = mkdtempSync(join(tmpdir(), 'weir-stack-'));
  #outputs: Deployed | undefined;
  /** What a stack takes over that was deployed before. */
  #retained: readonly string[] = [];

  private constructor(aws: AwsUnderTest) {
    this.#aws = aws;
  }

  /** Bootstraps the account; nothing is deployed then. */
  static async start(python: string | undefined): Promise<StackDeployment> {
    const aws = await awsUnderTest(python);
    Object.assign(process.env, aws.environment);
    const deployment = new StackDeployment(aws);
    const place = process.env['AWS_ENDPOINT_URL'] === undefined ? [] : [`aws://000000000000/${process.env['AWS_REGION']}`];
    const said = await cdk(['bootstrap', ...place]);
    if (said.code === 0) return deployment;
    await deployment[Symbol.asyncDispose]();
    throw new Error(said.stderr);
  }

  get api(): ControlClient {
    return this.#found.api;
  }

  get root(): string {
    return `s3://${this.#found.bucket}/output`;
  }

  get #found(): Deployed {
    if (this.#outputs === undefined) throw new Error('Nothing is deployed.');
    return this.#outputs;
  }

  async deploy(request: DeployRequest): Promise<Said> {
    const file = join(this.#directory, 'outputs.json');
    const words = ['deploy', '--require-approval', 'never', '--outputs-file', file, '--output', join(this.#directory, 'cdk.out')];
    const said = await cdk([...words, ...this.#context(request)]);
    if (said.code !== 0) return said;
    const { endpoint: url, secret, ...outputs } = outputsIn(file);
    const auth = request.auth ?? ('iam' as const);
    const token = secret === undefined ? undefined : await secretOf(secret);
    const region = process.env['AWS_REGION'] ?? 'us-east-1';
    const endpoint = { url, auth, region, ...(token === undefined ? {} : { token }) };
    this.#outputs = { ...outputs, url, token, api: await clientOf(endpoint) };
    // The commands go by these.
    Object.assign(process.env, { WEIR_ENDPOINT: url, WEIR_AUTH: auth, ...(token === undefined ? {} : { WEIR_TOKEN: token }) });
    return said;
  }

  readonly address = (): { readonly url: string; readonly token?: string } => {
    const { url, token } = this.#found;
    return token === undefined ? { url } : { url, token };
  };

  readonly destroy = async (): Promise<Said> => {
    const { table, bucket } = this.#found;
    const said = await cdk(['destroy', '--force', '--output', join(this.#directory, 'cdk.out')]);
    this.#retained = ['-c', `table=${table}`, '-c', `bucket=${bucket}`];
    return said;
  };

  /** As the schedule's target is called. */
  readonly fireSchedule = async (time: Date): Promise<void> => {
    const client = new LambdaClient({});
    const { Functions: functions = [] } = await client.send(new ListFunctionsCommand({}));
    const { FunctionName } = functions.find((each) => /scheduledsavepoint/i.test(each.FunctionName ?? ''))!;
    const event = { deployment: deploymentName, scheduledTime: time.toISOString(), retention: { keep: 1 } };
    const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    if (FunctionError !== undefined) throw new Error(Payload?.transformToString());
  };

  #context({ jobFile, mode, args, schedule, auth }: DeployRequest): readonly string[] {
    const given = { slots: '3', job: jobFile, upgrade: mode, args: args === undefined ? undefined : JSON.stringify(args), schedule, auth };
    return [
      ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : ['-c', `${name}=${value}`])),
      ...this.#retained,
    ];
  }

  weir(...words: readonly string[]): Promise<Said> {
    return this.#workplace.weir(...words);
  }

  readonly killSlots = (): number => this.#aws.functionPids!('Slot').filter((pid) => process.kill(pid, 'SIGKILL')).length;

  async [Symbol.asyncDispose](): Promise<void> {
    // An account must not keep what a test made; an emulator goes as a whole.
    if (this.#aws.functionPids === undefined && this.#outputs !== undefined) await this.destroy();
    await this.#aws[Symbol.asyncDispose]();
    await this.#workplace[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

interface Deployed {
  readonly api: ControlClient;
  readonly url: string;
  readonly token: string | undefined;
  readonly table: string;
  readonly bucket: string;
}

interface Outputs extends Pick<Deployed, 'table' | 'bucket'> {
  readonly endpoint: string;
  /** Of the token, where there is one. */
  readonly secret: string | undefined;
}

function outputsIn(file: string): Outputs {
  const { Weir: outputs = {} } = JSON.parse(readFileSync(file, 'utf8')) as { readonly Weir?: Readonly<Record<string, string>> };
  const found = (part: string): string | undefined => Object.entries(outputs).find(([name]) => name.includes(part))?.[1];
  const named = (part: string): string => found(part)!;
  return {
    endpoint: reachable(named('WeirEndpoint')),
    table: named('RetainedTable'),
    bucket: named('RetainedBucket'),
    secret: found('TokenSecret'),
  };
}

async function secretOf(arn: string): Promise<string> {
  const { SecretString } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: arn }));
  return SecretString!;
}

/** Emulators answer under a path of their own address: there are no host names for their APIs. */
function reachable(endpoint: string): string {
  const emulator = process.env['AWS_ENDPOINT_URL'];
  if (emulator === undefined) return endpoint;
  const { hostname, pathname } = new URL(endpoint);
  return `${emulator.replace(/\/$/, '')}/_aws/execute-api/${hostname.split('.')[0]}${pathname}`;
}
