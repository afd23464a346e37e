// A control API somewhere else is asked with --endpoint, by every verb. Here it is that of a local cloud in the background, behind
// a door that wants a token: a verb that looked into a data directory instead, or came without the token, would fail.
import { existsSync } from 'node:fs';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { controlClient } from '../../src/control-api/client.ts';
import { type Ended, jobFile, Workplace } from './weir-process.ts';

const token = 'k8Zr3mPq7Lw2Xt5Vn9Bc';
const guideJob = fileURLToPath(new URL('../../examples/savepoint-guide/job.ts', import.meta.url));

let place: Workplace;
let door: Server;
let doorUrl: string;
let local: string;
let program: string;
/** Goes on until a test ends it. */
let job: string;

/** Lets requests through to the local cloud that have the token. */
function makeDoor(to: string): Server {
  return createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"errors":["Unauthorized"]}');
      return;
    }
    const { host, authorization, ...headers } = request.headers;
    const onward = forward(`${to}${request.url}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
}

const at = (...words: readonly string[]): Promise<Ended> => place.weir(...words);
async function good(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await at(...words);
  expect(code, `${words.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}
async function bad(...words: readonly string[]): Promise<string> {
  const { code, stderr } = await at(...words);
  expect(code).toBe(1);
  return stderr;
}
const submittedId = (stdout: string): string => /JobID ([0-9a-f]{32})/.exec(stdout)![1]!;
const pathIn = (stdout: string): string => /Path: (\S+)/.exec(stdout)![1]!;

async function begun(): Promise<string> {
  const id = submittedId(await good('run', '-d', program, '--', '--rate', '50'));
  const client = controlClient(local);
  while ((await client.job({ jobid: id })).weir.checkpoint === 0) await pause(100);
  return id;
}

beforeAll(async () => {
  place = new Workplace();
  const savepoints = place.path('savepoints');
  const started = await good('local', 'start', '--json', '--data-dir', 'cloud', '--port', '0', '-D', `state.savepoints.dir=${savepoints}`);
  local = (JSON.parse(started) as { readonly url: string }).url;
  await good('run', '-d', '--data-dir', 'cloud', '--checkpoint-interval', '200', guideJob, '--', '--rate', '50');
  door = makeDoor(local);
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  doorUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  program = (await controlClient(local).programs({})).files[0]!.id;
  vi.stubEnv('WEIR_ENDPOINT', doorUrl);
  vi.stubEnv('WEIR_TOKEN', token);
  job = await begun();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  door.close();
  door.closeAllConnections();
  await place.weir('local', 'stop', '--data-dir', 'cloud');
  await place[Symbol.asyncDispose]();
});

describe('an endpoint', () => {
  it('runs programs by name, and takes no files', async () => {
    const refused = await bad('run', jobFile('talking-job.ts'), '--', '--input', 'in.txt');
    expect(refused).toContain('takes the name of a deployed program, but');
    expect(refused).toContain('npx cdk deploy');
    expect(await bad('run', 'no-such-program')).toContain('No program "no-such-program" is deployed here.');
  });

  it('follows a job there to its end, also one that was begun before', async () => {
    const resumed = place.start('run', '--resume', job);
    await resumed.said(/checkpoint/i);
    resumed.interrupt();
    const { code, stdout, stderr } = await resumed.ended;
    expect(code).toBe(130);
    expect(stdout + stderr).toContain(`to follow it again: weir run --resume ${job} --endpoint ${doorUrl}`);
  });

  it('plans a program by its name, and a file as ever', async () => {
    const plan = JSON.parse(await good('plan', '--format', 'json', program, '-p', '2')) as {
      readonly jobGraph: { readonly vertices: object[] };
    };
    expect(plan.jobGraph.vertices.length).toBeGreaterThan(1);
    expect(await good('plan', program)).toMatch(/parallelism 1, max parallelism 128/);
    expect(await good('plan', '--format', 'mermaid', program)).toContain('flowchart');
    expect(await good('plan', '--format', 'flink', program)).toContain('"type": "STREAMING"');
    expect(await good('plan', guideJob)).not.toBe('');
  });

  it('lists jobs, operations and checkpoints', async () => {
    expect(await good('list', '-a')).toMatch(new RegExp(`${job} : .* \\(RUNNING\\)`));
    expect(await good('checkpoint', job)).toMatch(/Checkpoint \d+ for job/);
    expect(await good('operations', job)).toContain('checkpoint');
    expect(await good('checkpoint', 'list', job)).toContain('is the latest of a job that is not ended');
  });

  it('takes savepoints, tells of them, copies them, checks and begins from them, and disposes of them', async () => {
    const path = pathIn(await good('savepoint', job));
    const other = pathIn(await good('savepoint', '--type', 'canonical', job, place.path('elsewhere')));
    expect(await good('savepoint', 'list')).toContain(path);
    expect(await good('savepoint', 'inspect', path)).toContain('source-id');
    expect(await good('savepoint', 'diff', path, other)).toContain('segments: shared');
    const exported = pathIn(await good('savepoint', 'export', path, place.path('exported')));
    expect(await good('savepoint', 'migrate', exported, exported)).toContain('already');
    expect(await good('check', '-s', path, guideJob)).toContain('A restore would go through.');
    expect(await good('gc', '--dry-run')).toContain('needed:');
    expect(await good('gc')).toContain('needed:');
    const restored = submittedId(await good('run', '-d', '-s', exported, program, '--', '--rate', '50'));
    expect(await good('cancel', restored)).toContain('Cancelled job');
    expect(await good('savepoint', '-d', other)).toContain('disposed.');
  });

  it('ends jobs in every way', async () => {
    const [first, second] = [await begun(), await begun()];
    expect(await good('cancel', '-s', place.path('at-cancel'), first)).toContain('Savepoint stored in');
    expect(await good('stop', second)).toContain('Savepoint completed. Path:');
    expect(await good('cancel', job)).toContain('Cancelled job');
  });

  it('keeps its logs elsewhere, and has nothing of what a local cloud alone can do', async () => {
    expect(await bad('logs', job)).toContain('CloudWatch');
    for (const flags of [['--memory'], ['--inspect'], ['-D', 'state.savepoints.dir=x']]) {
      expect(await bad('run', ...flags, program)).toContain('is for the local cloud');
    }
  });

  it('is told the token, which is on no command line and in no output', async () => {
    vi.stubEnv('WEIR_TOKEN', `${token}x`);
    const refused = await bad('list', '--verbose');
    vi.stubEnv('WEIR_TOKEN', token);
    expect(refused).toContain('Unauthorized');
    expect(refused).not.toContain(token);
    expect(await bad('list', '--auth', 'none')).toContain('Unauthorized');
    expect(await bad('list', '--endpoint', 'http://weir.example')).toContain('for everybody to read');
  });

  it('has its signature where it is asked for, and says what it lacks for it', async () => {
    const words = ['list', '--endpoint', 'https://a1b2c3.execute-api.eu-central-1.amazonaws.com/v1', '--auth', 'iam'];
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', place.path('none'));
    vi.stubEnv('AWS_CONFIG_FILE', place.path('none'));
    expect(await bad(...words)).toContain('To sign requests to the control API, AWS credentials are needed');
  });

  it('leaves the data directory of this machine alone', () => {
    expect(existsSync(place.path('.weir'))).toBe(false);
  });
});
