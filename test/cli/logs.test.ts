// What a job prints is seen while it runs, and later, with the operator and subtask that printed it.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobFile, Workplace } from './weir-process.ts';

let place: Workplace;
const talking = [jobFile('talking-job.ts'), '--', '--input', 'in.txt'];
const submitted = /JobID ([0-9a-f]{32})/;

beforeAll(() => {
  place = new Workplace();
  writeFileSync(place.path('in.txt'), 'a\na\n');
});
afterAll(() => place[Symbol.asyncDispose]());

const console = ["reading[0]> read { line: 'a' }", "reading[0]> read { line: 'a' }"];
const warnings = ['seeing[0]> a', 'seeing[0]> seen: false', 'seeing[0]> a', 'seeing[0]> seen: true'];

describe('what a job prints', () => {
  it('is shown by weir run: print() as a result, the console as notes', async () => {
    const { stdout, stderr, code } = await place.weir('run', '--memory', ...talking);
    expect(stderr.trimEnd().split('\n')).toEqual([...console, ...warnings]);
    expect(stdout.split('\n').filter((line) => line.startsWith('out'))).toEqual(['out> a', 'out> a']);
    expect(code).toBe(0);
  });

  it('is one object per line with --json', async () => {
    const { stdout, stderr } = await place.weir('run', '--memory', '--json', ...talking);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [{ jobId } = {}] = events;
    expect(events.filter(({ event }) => event === 'log')).toHaveLength(6);
    expect(events.find(({ level }) => level === 'WARN')).toEqual({
      event: 'log',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'WARN',
      jobId,
      checkpoint: 1,
      attempt: 1,
      slot: 0,
      operator: 'seeing',
      subtask: 0,
      message: 'a\nseen: false',
      function: expect.stringMatching(/^weir-.*-slot-0$/),
    });
    expect(stderr).toBe('');
  });

  it('is kept for weir logs, which shows what only that job printed', async () => {
    const runs = [await place.weir('run', ...talking), await place.weir('run', ...talking)];
    const [, jobId = ''] = submitted.exec(runs[1]!.stdout) ?? [];
    const shown = await place.weir('logs', jobId);
    expect(shown.stderr.trimEnd().split('\n')).toEqual([...console, ...warnings]);
    expect(shown.stdout).toBe('out> a\nout> a\n');
    const objects = (await place.weir('logs', jobId, '--json')).stdout.trimEnd().split('\n');
    expect(objects).toHaveLength(6);
    for (const object of objects) expect(JSON.parse(object)).toMatchObject({ event: 'log', jobId });
  });

  it('is followed to the end of a job in the background, by weir logs --follow and by weir run', async () => {
    await place.weir('local', 'start', '--port', '0');
    const detached = await place.weir('run', '-d', ...talking);
    const [, jobId = ''] = submitted.exec(detached.stdout) ?? [];
    const followed = await place.weir('logs', '--follow', jobId);
    expect(followed.stderr.trimEnd().split('\n')).toEqual([...console, ...warnings]);
    expect(followed.code).toBe(0);
    const run = await place.weir('run', ...talking);
    expect(run.stderr.trimEnd().split('\n')).toEqual([...console, ...warnings]);
    await place.weir('local', 'stop');
  });

  it('is not to be had of a job that is unknown', async () => {
    const { stderr, code } = await place.weir('logs', 'f'.repeat(32));
    expect(stderr).toMatch(/^error: Job f{32} not found\.\n/);
    expect(code).toBe(1);
  });
});
