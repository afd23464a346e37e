// Catches: a deployment in the local cloud that is not moved, not left alone when it must be, or says something else than what
// became of it; a driver that was stopped through Step Functions and stays away.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executionArn } from '../../src/local-cloud/arns.ts';
import { GuideCloud } from '../savepoints-guide/guide-cloud.ts';
import { repository } from './weir-process.ts';

const original = readFileSync(join(repository, 'examples', 'savepoint-guide', 'job.ts'), 'utf8');
const versions = {
  first: original,
  second: original.replace('return { number, mapped };', 'return { number, mapped: mapped + 0 };'),
  renamed: original.replace('mapper-id', 'mapper'),
  broken: original.replace(
    'const mapped = operatorState',
    "if (number >= 0) throw new RangeError('not yet');\n    const mapped = operatorState",
  ),
};

let cloud: GuideCloud;

beforeEach(async () => {
  cloud = await GuideCloud.start();
  symlinkSync(join(repository, 'node_modules'), cloud.path('node_modules'));
  for (const [name, text] of Object.entries(versions)) writeFileSync(cloud.path(`${name}.ts`), text);
});

afterEach(() => cloud[Symbol.asyncDispose]());

const deploy = (version: keyof typeof versions, ...more: readonly string[]) =>
  cloud.weir('deploy', `${version}.ts`, '--name', 'guide', '-p', '2', '--checkpoint-interval', '100', ...more, '--', '--rate', '50');

interface Shown {
  readonly job: { readonly id: string; readonly status: string };
  readonly program: string;
  readonly last: { readonly outcome: string; readonly savepoint: string | null };
  readonly savepoints: readonly { readonly state: string }[];
}
const shown = async (): Promise<Shown> => JSON.parse(await cloud.good('deployments', 'guide', '--json')) as Shown;

test('a deployment is moved, left alone and taken back, and says so', async () => {
  expect((await deploy('first', '--savepoint-schedule', 'rate(1 minute)', '--savepoint-keep', '2')).stdout).toMatch(
    /^Job [0-9a-f]{32} runs the program: it began from nothing and has completed checkpoint \d+\.$/m,
  );
  const first = await shown();
  expect((await deploy('second')).stdout).toMatch(/runs the program in the place of job [0-9a-f]{32}: it began from file:\/\/\S+ and has/);
  const second = await shown();
  expect(second.program).not.toBe(first.program);
  expect(await cloud.state(first.job.id)).toBe('FINISHED');

  const refused = await deploy('renamed');
  expect(refused).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/state of operator "mapper-id".*The job that runs was not touched\.$/m),
  });
  expect((await shown()).job).toEqual(second.job);

  const broken = await deploy('broken');
  expect(broken).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/FAILED: .*not yet\. Job [0-9a-f]{32} runs the program of before again/),
  });
  const back = await shown();
  expect(back).toMatchObject({ job: { status: 'RUNNING' }, program: second.program, last: { outcome: 'failed' } });
  expect((await deploy('second')).stdout).toContain('runs this program with these arguments already; nothing was touched.');

  await cloud.good('cancel', back.job.id);
  expect((await deploy('first')).stdout).toContain(`Job ${back.job.id} is CANCELED, which a deployment leaves as it is`);
  const again = await deploy('first', '-s', back.last.savepoint!);
  expect(again.stdout).toContain(`it began from ${back.last.savepoint}`);
});

test('a driver that is stopped through Step Functions is followed by the next', async () => {
  await deploy('first');
  const { job, program } = await shown();
  const { environment } = JSON.parse(readFileSync(cloud.path('.weir', 'local.json'), 'utf8')) as {
    readonly environment: Record<string, string>;
  };
  const client = new SFNClient({
    region: environment['AWS_REGION']!,
    endpoint: environment['AWS_ENDPOINT_URL_SFN']!,
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
  });
  await client.send(new StopExecutionCommand({ executionArn: executionArn(`weir-${program}-job`, `${job.id}-1`), cause: 'by hand' }));
  client.destroy();
  const before = (await cloud.rows(job.id)).length;
  while ((await cloud.rows(job.id)).length < before + 100) await pause(100);
  expect(await cloud.state(job.id)).toBe('RUNNING');
});
