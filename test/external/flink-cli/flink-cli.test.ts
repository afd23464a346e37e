// Flink's own command line, unmodified, against a local cloud. What it is expected to say is what it says to a Flink 1.20.5
// cluster, ids, times and paths aside: a reply that it can't read, or takes for something else, shows here and nowhere else.
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlClient, controlClient } from '../../../src/control-api/client.ts';
import { GuideCloud, guideJob, savepointIn } from '../../savepoints-guide/guide-cloud.ts';
import { FlinkClient, type FlinkCommand } from './flink-client.ts';
import { startGate } from './gate.ts';

const found = await FlinkClient.find();
const why = found.kind === 'missing' ? ` (skipped: ${found.why})` : '';
if (why !== '') process.stderr.write(`Flink's client is not tried${why}\n`);

const unknown = '0'.repeat(32);
const rule = '-'.repeat(60);
const failure = 'org.apache.flink.util.FlinkException: ';
/** What the client makes of a refusal at once. */
const refusal = 'org.apache.flink.runtime.rest.util.RestClientException';

let cloud: GuideCloud;
let url: string;
let api: ControlClient;
let flink: FlinkCommand;
let programId: string;
/** A job that goes on through all tests but the last. */
let job: string;

beforeAll(async () => {
  if (found.kind === 'missing') return;
  cloud = await GuideCloud.start();
  job = await cloud.submit(guideJob, '-p', '2', '--', '--rate', '50');
  ({ url } = JSON.parse(await cloud.good('local', 'status', '--json')) as { readonly url: string });
  api = controlClient(url);
  programId = (await api.programs({})).files[0]!.id;
  flink = await found.client.at(url, cloud.directory);
  await running(job);
});
afterAll(async () => {
  if (found.kind === 'found') await cloud[Symbol.asyncDispose]();
});

async function submitted(): Promise<string> {
  const request = { programArgsList: ['--rate', '50'], parallelism: 2, weir: { checkpointIntervalMs: 100 } };
  const { jobid } = await api.runProgram({ id: programId }, request);
  await running(jobid);
  return jobid;
}

const running = (jobid: string): Promise<void> => until(async () => (await api.job({ jobid })).weir.checkpoint > 0);
const ended = (jobid: string, status: string): Promise<void> => until(async () => (await api.jobStatus({ jobid })).status === status);

/** The latest savepoint of the job, which stays while checkpoints go, and a vertex with state. */
async function pathOf(jobid: string): Promise<{ readonly jobid: string; readonly vertexid: string; readonly checkpointid: string }> {
  const { latest } = await api.jobCheckpoints({ jobid });
  const { vertices } = await api.job({ jobid });
  return { jobid, vertexid: vertices.at(-1)!.id, checkpointid: String(latest.savepoint!.id) };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

/** What was said, with names in place of what is never the same. */
function shape(text: string, id = job): string {
  return text
    .replaceAll(new RegExp(`file://\\S+?/savepoint-${id.slice(0, 6)}-[0-9a-f]{12}`, 'g'), '<savepoint>')
    .replaceAll(id, '<job>')
    .replaceAll(/triggerId: [0-9a-f]{32}$/gm, 'triggerId: <id>')
    .replaceAll(/^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d : /gm, '<time> : ')
    .replaceAll(/^(Checkpoint\S*) \d+ for/gm, '$1 <n> for');
}

/** Of a command that went well: what it said, line by line. */
async function good(id: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await flink(...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return shape(stdout, id).trimEnd().split('\n');
}

interface Refused {
  readonly said: readonly string[];
  readonly headline: string;
  /** Of the server's exception, as Flink's own clients tell failures apart. */
  readonly cause: string;
}

async function refused(id: string, ...words: readonly string[]): Promise<Refused> {
  const { code, stdout, stderr } = await flink(...words);
  const lines = shape(stderr, id).trimEnd().split('\n');
  expect({ code, lines: lines.slice(0, 4) }).toEqual({
    code: 1,
    lines: ['', rule, ' The program finished with the following exception:', ''],
  });
  const causes = lines.filter((line) => line.startsWith('Caused by: '));
  return { said: shape(stdout, id).trimEnd().split('\n'), headline: lines[4]!, cause: causes.at(-1)!.slice('Caused by: '.length) };
}

describe.skipIf(found.kind === 'missing')(`Flink's client${why}`, () => {
  test('lists jobs', async () => {
    const expected = [
      'Waiting for response...',
      '------------------ Running/Restarting Jobs -------------------',
      '<time> : <job> : savepoint-guide (RUNNING)',
      '--------------------------------------------------------------',
      'No scheduled jobs.',
    ];
    expect(await Promise.all([good(job, 'list'), good(job, 'list', '-a')])).toEqual([expected, expected]);
  });

  test.each([
    { named: 'in the default directory, canonical unless it says otherwise', words: [], directory: 'savepoints', format: 'canonical' },
    { named: 'in the native format', words: ['-type', 'native'], directory: 'savepoints', format: 'native' },
    { named: 'in a directory that it names', words: [], directory: 'named', format: 'canonical' },
  ])('takes a savepoint $named', async ({ words, directory, format }) => {
    const place = directory === 'savepoints' ? [] : [cloud.path(directory)];
    const { code, stdout } = await flink('savepoint', ...words, job, ...place);
    expect({ code, said: shape(stdout).trimEnd().split('\n') }).toEqual({
      code: 0,
      said: [
        'Triggering savepoint for job <job>.',
        'Waiting for response...',
        'Savepoint completed. Path: <savepoint>',
        'You can resume your program from this savepoint with the run command.',
      ],
    });
    const path = savepointIn(stdout);
    expect(path.startsWith(`${pathToFileURL(cloud.path(directory)).href}/savepoint-`)).toBe(true);
    expect(await api.inspectSnapshot({}, undefined, { path })).toMatchObject({ jobId: job, format });
  });

  test('takes a savepoint without waiting for it, and gives the id to ask for it by', async () => {
    const { code, stdout } = await flink('savepoint', '-detached', job);
    expect({ code, said: shape(stdout).trimEnd().split('\n') }).toEqual({
      code: 0,
      said: ['Triggering savepoint in detached mode for job <job>.', 'Successfully trigger manual savepoint, triggerId: <id>'],
    });
    const triggerid = /triggerId: (\w+)/.exec(stdout)![1]!;
    await until(async () => (await api.savepointStatus({ jobid: job, triggerid })).status.id === 'COMPLETED');
    expect((await api.savepointStatus({ jobid: job, triggerid })).operation?.location).toMatch(/^file:\/\//);
  });

  test.each([
    { named: 'a checkpoint', words: [], title: 'Checkpoint' },
    { named: 'a full checkpoint', words: ['-full'], title: 'Checkpoint(FULL)' },
  ])('takes $named', async ({ words, title }) => {
    expect(await good(job, 'checkpoint', ...words, job)).toEqual([
      'Triggering checkpoint for job <job>.',
      'Waiting for response...',
      `${title} <n> for job <job> completed.`,
      'You can resume your program from this checkpoint with the run command.',
    ]);
  });

  test('reads every reply about jobs, vertices and checkpoints by its own classes', async () => {
    const { jobid, vertexid, checkpointid } = await pathOf(job);
    const messages = 'org.apache.flink.runtime.rest.messages';
    const paths: readonly (readonly [className: string, path: string])[] = [
      ['org.apache.flink.runtime.messages.webmonitor.MultipleJobsDetails', '/jobs/overview'],
      [`${messages}.DashboardConfiguration`, '/config'],
      ['org.apache.flink.runtime.rest.handler.legacy.messages.ClusterOverviewWithVersion', '/overview'],
      [`${messages}.job.JobDetailsInfo`, `/jobs/${jobid}`],
      [`${messages}.job.JobExecutionResultResponseBody`, `/jobs/${jobid}/execution-result`],
      [`${messages}.JobExceptionsInfoWithHistory`, `/jobs/${jobid}/exceptions`],
      [`${messages}.JobAccumulatorsInfo`, `/jobs/${jobid}/accumulators`],
      [`${messages}.checkpoints.CheckpointingStatistics`, `/jobs/${jobid}/checkpoints`],
      [`${messages}.checkpoints.CheckpointConfigInfo`, `/jobs/${jobid}/checkpoints/config`],
      [`${messages}.checkpoints.CheckpointStatistics`, `/jobs/${jobid}/checkpoints/details/${checkpointid}`],
      [
        `${messages}.checkpoints.TaskCheckpointStatisticsWithSubtaskDetails`,
        `/jobs/${jobid}/checkpoints/details/${checkpointid}/subtasks/${vertexid}`,
      ],
      [`${messages}.JobVertexDetailsInfo`, `/jobs/${jobid}/vertices/${vertexid}`],
      [`${messages}.SubtasksTimesInfo`, `/jobs/${jobid}/vertices/${vertexid}/subtasktimes`],
      [`${messages}.JobVertexTaskManagersInfo`, `/jobs/${jobid}/vertices/${vertexid}/taskmanagers`],
      [`${messages}.JobVertexBackPressureInfo`, `/jobs/${jobid}/vertices/${vertexid}/backpressure`],
      [`${messages}.JobVertexAccumulatorsInfo`, `/jobs/${jobid}/vertices/${vertexid}/accumulators`],
      [`${messages}.job.SubtasksAllAccumulatorsInfo`, `/jobs/${jobid}/vertices/${vertexid}/subtasks/accumulators`],
      [`${messages}.job.metrics.MetricCollectionResponseBody`, `/jobs/${jobid}/vertices/${vertexid}/watermarks`],
      [`${messages}.job.metrics.MetricCollectionResponseBody`, `/jobs/${jobid}/vertices/${vertexid}/metrics?get=0.stateBytes`],
    ];
    const texts = await Promise.all(paths.map(async ([className, path]) => ({ className, json: await (await fetch(url + path)).text() })));
    const read = await (found as { readonly client: FlinkClient }).client.read(texts);
    expect(read.map((line, index) => (line.startsWith('failed') ? `${paths[index]![1]}: ${line}` : paths[index]![1]))).toEqual(
      paths.map(([, path]) => path),
    );
    const statistics = JSON.parse(read[7]!) as { readonly latest: { readonly savepoint: { readonly is_savepoint: boolean } } };
    expect(statistics.latest.savepoint.is_savepoint).toBe(true);
  });

  test('disposes of a savepoint, once', async () => {
    const path = savepointIn((await flink('savepoint', job)).stdout);
    const expected = ["Disposing savepoint '<savepoint>'.", 'Waiting for response...'];
    expect(await good(job, 'savepoint', '-d', path)).toEqual([...expected, "Savepoint '<savepoint>' disposed."]);
    expect(await refused(job, 'savepoint', '-d', path)).toEqual({
      said: expected,
      headline: "org.apache.flink.util.FlinkException: Failed to dispose the savepoint '<savepoint>'.",
      cause: expect.stringMatching(/^org\.apache\.flink\.util\.FlinkException: .* was disposed of: it is gone/),
    });
  });

  test.each([
    { named: 'as a path', written: (path: string) => path },
    { named: 'as Flink prints them', written: (path: string) => `file:${path}` },
  ])('names directories and savepoints $named', async ({ named, written }) => {
    const directory = cloud.path(`named ${named}`);
    const path = savepointIn((await flink('savepoint', job, written(directory))).stdout);
    const { code } = await flink('savepoint', '-d', written(decodeURIComponent(new URL(path).pathname)));
    expect(code).toBe(0);
    await expect(api.inspectSnapshot({}, undefined, { path })).rejects.toMatchObject({ code: 'SAVEPOINT_DISPOSED' });
  });

  test('cancels a job', async () => {
    const id = await submitted();
    expect(await good(id, 'cancel', id)).toEqual(['Cancelling job <job>.', 'Cancelled job <job>.']);
    await ended(id, 'CANCELED');
    // Again is no failure, as with a cluster.
    expect(await good(id, 'cancel', id)).toEqual(['Cancelling job <job>.', 'Cancelled job <job>.']);
  });

  test('cancels a job with a savepoint', async () => {
    const id = await submitted();
    const directory = cloud.path('cancelled');
    expect(await good(id, 'cancel', '-s', directory, id)).toEqual([
      'DEPRECATION WARNING: Cancelling a job with savepoint is deprecated. Use "stop" instead.',
      `Cancelling job <job> with CANONICAL savepoint to ${directory}.`,
      'Cancelled job <job>. Savepoint stored in <savepoint>.',
    ]);
    await ended(id, 'CANCELED');
  });

  test('stops a job, and another without waiting for it', async () => {
    const [id, other] = await Promise.all([submitted(), submitted()]);
    const [stopped, detached] = await Promise.all([good(id, 'stop', id), good(other, 'stop', '-type', 'native', '-detached', other)]);
    expect(stopped).toEqual([
      'Suspending job "<job>" with a CANONICAL savepoint.',
      'Triggering stop-with-savepoint for job <job>.',
      'Waiting for response...',
      'Savepoint completed. Path: <savepoint>',
    ]);
    expect(detached).toEqual([
      'Suspending job "<job>" with a NATIVE savepoint.',
      'Triggering stop-with-savepoint in detached mode for job <job>.',
      'Successfully trigger stop-with-savepoint in detached mode, triggerId: <id>',
    ]);
    await Promise.all([ended(id, 'FINISHED'), ended(other, 'FINISHED')]);
  });

  test('is told that there is no such job', async () => {
    const notFound = 'org.apache.flink.runtime.messages.FlinkJobNotFoundException';
    const cause = expect.stringMatching(`^${notFound}: ${notFound}: .*${unknown}`) as unknown as string;
    const [savepoint, checkpoint, stopped, cancelledWithSavepoint, cancelled] = await Promise.all([
      refused(job, 'savepoint', unknown),
      refused(job, 'checkpoint', unknown),
      refused(job, 'stop', unknown),
      refused(job, 'cancel', '-s', unknown),
      refused(job, 'cancel', unknown),
    ]);
    expect(savepoint).toEqual({
      said: [`Triggering savepoint for job ${unknown}.`, 'Waiting for response...'],
      headline: `${failure}Failed to trigger a savepoint for the job ${unknown}.`,
      cause,
    });
    expect(checkpoint).toMatchObject({ headline: `${failure}Failed to trigger a checkpoint for the job ${unknown}.`, cause });
    expect(stopped).toMatchObject({ headline: `${failure}Could not stop with a savepoint job "${unknown}".`, cause });
    expect(cancelledWithSavepoint).toMatchObject({ headline: `${failure}Could not cancel job ${unknown}.`, cause });
    expect(cancelled).toMatchObject({ said: [`Cancelling job ${unknown}.`], headline: `${failure}Could not cancel job ${unknown}.` });
    expect(cancelled.cause).toMatch(new RegExp(`^${refusal}: \\[.*${unknown}`));
  });

  test('refuses by itself what is no job id, and asks nobody', async () => {
    for (const verb of ['savepoint', 'stop', 'cancel', 'checkpoint']) {
      const [invalid, absent] = await Promise.all([flink(verb, 'xyz'), flink(verb)]);
      expect({ verb, codes: [invalid.code, absent.code] }).toEqual({ verb, codes: [1, 1] });
      expect(`${invalid.stdout}${invalid.stderr}`).toContain('Cannot parse JobID from "xyz".');
      expect(`${absent.stdout}${absent.stderr}`).toMatch(/Missing JobID/i);
    }
  });

  test('is told that there is no savepoint to dispose of', async () => {
    const nowhere = pathToFileURL(cloud.path('nowhere')).href;
    expect(await refused(job, 'savepoint', '-d', nowhere)).toMatchObject({
      said: [`Disposing savepoint '${nowhere}'.`, 'Waiting for response...'],
      headline: `${failure}Failed to dispose the savepoint '${nowhere}'.`,
    });
  });

  test('finds the API by -m and by -D, and fails where nobody listens', async () => {
    const { hostname, port } = new URL(url);
    const nobody = ['-Drest.address=127.0.0.1', '-Drest.port=1'];
    const lists = (...words: readonly string[]) => flink('list', ...words);
    const [byAddress, byProperties, nowhere] = await Promise.all([
      lists('-m', `${hostname}:${port}`),
      lists(`-Drest.address=${hostname}`, `-Drest.port=${port}`),
      lists(...nobody),
    ]);
    for (const { code, stdout } of [byAddress, byProperties]) {
      expect(code).toBe(0);
      expect(stdout).toContain(`${job} : savepoint-guide (RUNNING)`);
    }
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain('Failed to retrieve job list.');
  });

  test('sends the headers of FLINK_REST_CLIENT_HEADERS, for whoever stands before the API and asks for them', async () => {
    const gate = await startGate(url, 'Bearer of-the-tests');
    try {
      const at = await (found as { readonly client: FlinkClient }).client.at(gate.url, cloud.directory);
      const [without, withToken] = await Promise.all([
        at('list'),
        at.with({ FLINK_REST_CLIENT_HEADERS: 'Authorization:Bearer of-the-tests' })('list'),
      ]);
      expect(without.code).toBe(1);
      expect(without.stderr).toContain('No token, no answer.');
      expect(withToken).toMatchObject({ code: 0, stderr: '' });
      expect(withToken.stdout).toContain(`${job} : savepoint-guide (RUNNING)`);
    } finally {
      await gate.close();
    }
  });

  test('is told what is wrong with a directory, and which key to set if there is none', async () => {
    const other = await GuideCloud.start({ defaultDirectory: false });
    try {
      const at = JSON.parse(await other.good('local', 'status', '--json')) as { readonly url: string };
      const [invalid, absent] = await Promise.all([
        refused(job, 'savepoint', job, 'gopher://nowhere'),
        refused(job, 'savepoint', '-m', new URL(at.url).host, job),
      ]);
      const headline = `${failure}Failed to trigger a savepoint for the job <job>.`;
      expect(invalid).toMatchObject({ headline, cause: expect.stringMatching(`^${refusal}: \\[.*"gopher://nowhere"`) });
      expect(absent).toMatchObject({
        headline,
        cause: expect.stringMatching(`^${refusal}: \\[.*target-directory.*state\\.savepoints\\.dir`),
      });
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  test('drains a job; then there is nothing to be asked of it', async () => {
    expect(await good(job, 'stop', '--drain', '--savepointPath', cloud.path('drained'), job)).toEqual([
      'Draining job "<job>" with a CANONICAL savepoint.',
      'Triggering stop-with-savepoint for job <job>.',
      'Waiting for response...',
      'Savepoint completed. Path: <savepoint>',
    ]);
    expect((await api.jobStatus({ jobid: job })).status).toBe('FINISHED');
    const [savepoint, stopped, cancelled, listed] = await Promise.all([
      refused(job, 'savepoint', job),
      refused(job, 'stop', job),
      refused(job, 'cancel', job),
      good(job, 'list', '-a'),
    ]);
    expect(savepoint).toMatchObject({
      headline: `${failure}Failed to trigger a savepoint for the job <job>.`,
      cause: expect.stringContaining('FlinkJobNotFoundException: '),
    });
    expect(stopped.headline).toBe(`${failure}Could not stop with a savepoint job "<job>".`);
    expect(cancelled).toMatchObject({
      headline: `${failure}Could not cancel job <job>.`,
      cause: expect.stringMatching(`^${refusal}: \\[.*already reached another terminal state`),
    });
    expect(listed.slice(0, 4)).toEqual([
      'Waiting for response...',
      'No running jobs.',
      'No scheduled jobs.',
      '---------------------- Terminated Jobs -----------------------',
    ]);
    expect(listed).toContain('<time> : <job> : savepoint-guide (FINISHED)');
  });
});
