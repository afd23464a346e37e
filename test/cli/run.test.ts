// The command line against real processes: from a job file to its result, and back after a stop or a crash.
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { differences } from '../../examples/flight-delays/check.ts';
import { flights, flightsJob, jobFile, Workplace } from './weir-process.ts';

let place: Workplace;

beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place[Symbol.asyncDispose]());

const submitted = /JobID ([0-9a-f]{32})/;
const rate = (perSecond: number): readonly string[] => [
  '--checkpoint-interval',
  '200',
  '--',
  '--input',
  flights,
  '--output',
  'out',
  '--rate',
  String(perSecond),
];
const unpaced = ['--', '--input', flights, '--output', 'out'];

describe('weir run', () => {
  it('ends with the right result, exit code 0, and a job that is listed as finished', async () => {
    const { code, stdout } = await place.weir('run', flightsJob, '-p', '2', ...unpaced);
    expect(stdout).toMatch(/\nepoch \d+ \| [\d,]+ records in/);
    expect(stdout).toMatch(/Job flight-delays \([0-9a-f]{32}\) is FINISHED after .*2,000 records in/);
    expect(code).toBe(0);
    expect(differences(flights, place.path('out'))).toEqual([]);

    const listed = await place.weir('list', '-a');
    expect(listed.stdout).toMatch(/Terminated Jobs -+\n\d\d\.\d\d\.\d{4} [\d:]{8} : [0-9a-f]{32} : flight-delays \(FINISHED\)\n-{62}\n$/);
    expect((await place.weir('list')).stdout).toBe('Waiting for response...\nNo running jobs.\nNo scheduled jobs.\n');
  });

  it('leaves nothing behind but the result with --memory', async () => {
    const { code } = await place.weir('run', flightsJob, '--memory', ...unpaced);
    expect(code).toBe(0);
    expect(differences(flights, place.path('out'))).toEqual([]);
    expect(existsSync(place.path('.weir'))).toBe(false);
  });

  it('shows what a job collects, and its accumulators', async () => {
    const { code, stdout } = await place.weir('run', jobFile('collects.ts'), '--memory', '-p', '2');
    expect(code).toBe(0);
    const after = stdout.slice(stdout.indexOf('is FINISHED')).split('\n').slice(1);
    const counts = ['a 3', 'across 1', 'barrier 1', 'is 1', 'laid 1', 'stream 1', 'weir 1'];
    const lines = after.slice(0, counts.length).map((line) => JSON.parse(line) as { readonly word: string; readonly count: number });
    expect(lines.map(({ word, count }) => `${word} ${count}`).toSorted()).toEqual(counts);
    expect(after.slice(counts.length)).toEqual(['Accumulators:', '  lengths  {"1":3,"2":1,"4":2,"6":2,"7":1}', '  words    9', '']);
    const json = await place.weir('run', jobFile('collects.ts'), '--memory', '--json');
    const events = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.filter(({ event }) => event === 'collected')).toContainEqual(
      expect.objectContaining({ name: 'result', record: { word: 'a', count: 3 } }),
    );
    expect(events.at(-1)).toMatchObject({ event: 'accumulators', accumulators: { words: 9 } });
  });

  it('says what happens as JSON, one object per line, with --json', async () => {
    const { stdout } = await place.weir('run', flightsJob, '--memory', '--json', ...unpaced);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ event: 'submitted', name: 'flight-delays' });
    expect(events.at(-1)).toMatchObject({ event: 'ended', state: 'FINISHED', recordsIn: 2_000 });
    expect(new Set(events.map(({ jobId }) => jobId)).size).toBe(1);
  });

  it('leaves a job that can be resumed when it is interrupted', async () => {
    const run = place.start('run', flightsJob, '-p', '2', ...rate(1_000));
    const [, jobId = ''] = await run.said(submitted);
    await run.said(/epoch 2 /);
    run.interrupt();
    const left = await run.ended;
    expect(left.code).toBe(130);
    expect(left.stderr).toContain(`weir run --resume ${jobId}`);

    const resumed = await place.weir('run', '--resume', jobId);
    expect(resumed.stdout).toMatch(/is FINISHED/);
    expect(resumed.code).toBe(0);
    expect(differences(flights, place.path('out'))).toEqual([]);
    expect((await place.weir('run', '--resume', jobId)).code).toBe(0);
  });

  it.each(['killGroup', 'killAlone'] as const)('can be resumed after SIGKILL: %s', async (kill) => {
    const run = place.start('run', flightsJob, '-p', '3', ...rate(1_000));
    const [, jobId = ''] = await run.said(submitted);
    await run.said(/epoch 2 /);
    run[kill]();
    await run.ended;
    expect((await place.weir('list')).stdout).toMatch(/flight-delays \(RUNNING\)/);

    const resumed = await place.weir('run', '--resume', jobId);
    expect(resumed.code).toBe(0);
    expect(differences(flights, place.path('out'))).toEqual([]);
  });
});

describe('weir local', () => {
  it('starts once, tells its status, and stops', async () => {
    const started = JSON.parse((await place.weir('local', 'start', '--json', '--port', '0')).stdout) as {
      readonly started: boolean;
      readonly pid: number;
    };
    expect(started.started).toBe(true);
    const again = JSON.parse((await place.weir('local', 'start', '--json')).stdout) as { readonly started: boolean; readonly pid: number };
    expect(again).toMatchObject({ started: false, pid: started.pid });
    const status = await place.weir('local', 'status');
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining(`process ${started.pid}`) });
    expect((await place.weir('local', 'stop')).code).toBe(0);
    expect((await place.weir('local', 'status')).code).toBe(1);
    expect((await place.weir('local', 'stop')).code).toBe(0);
  });

  it('runs detached jobs, which a later run can follow', async () => {
    await place.weir('local', 'start', '--port', '0');
    const detached = await place.weir('run', flightsJob, '-d', ...rate(1_000));
    expect(detached.code).toBe(0);
    const [, jobId = ''] = submitted.exec(detached.stdout) ?? [];
    const listed = JSON.parse((await place.weir('list', '--json')).stdout) as {
      readonly jobs: readonly { readonly jid: string; readonly state: string }[];
    };
    expect(listed.jobs).toMatchObject([{ jid: jobId, state: expect.stringMatching(/CREATED|RUNNING/) }]);
    const followed = await place.weir('run', '--resume', jobId);
    expect(followed.code).toBe(0);
    expect(differences(flights, place.path('out'))).toEqual([]);
  });

  it('takes up live jobs again after it was killed', async () => {
    await place.weir('local', 'start', '--port', '0');
    const detached = await place.weir('run', flightsJob, '-d', '-p', '2', ...rate(1_000));
    const [, jobId = ''] = submitted.exec(detached.stdout) ?? [];
    const { pid } = JSON.parse(readFileSync(place.path('.weir/local.json'), 'utf8')) as { readonly pid: number };
    process.kill(pid, 'SIGKILL');
    const restarted = JSON.parse((await place.weir('local', 'start', '--json', '--port', '0')).stdout) as { readonly started: boolean };
    expect(restarted.started).toBe(true);
    expect((await place.weir('run', '--resume', jobId)).code).toBe(0);
    expect(differences(flights, place.path('out'))).toEqual([]);
  });
});
