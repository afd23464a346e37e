// The plan is what people look at before they run a job, and what programs draw: every format must come out clean.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flightsJob, jobFile, Workplace } from './weir-process.ts';

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place[Symbol.asyncDispose]());

const args = ['--', '--input', 'flights.json', '--output', 'out'];

describe('weir plan', () => {
  it('shows vertices, key groups, uids and state as text, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await place.weir('plan', flightsJob, '-p', '2', ...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Job "flight-delays": 2 vertices on 2 levels\n/);
    expect(stdout).toContain('\n    key groups 0-63, 64-127\n');
    expect(stdout).toMatch(/\n {4}KeyedProcess +delays +_timers, total +[0-9a-f]{32}\n/);
    expect(existsSync(place.path('.weir'))).toBe(false);
  });

  it.each([
    ['mermaid', /^---\ntitle: "flight-delays"\n---\nflowchart LR\n/],
    ['flink', /^\{\n {2}"nodes": \[\n {4}\{\n {6}"id": 1,/],
    ['json', /^\{\n {2}"jobName": "flight-delays",/],
  ])('shows it as %s', async (format, expected) => {
    const { code, stdout, stderr } = await place.weir('plan', flightsJob, '--format', format, ...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(expected);
    if (format !== 'mermaid') expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });

  it('gives one line of JSON with the warnings, for --json', async () => {
    const { stdout } = await place.weir('plan', flightsJob, '--json', ...args);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ jobName: 'flight-delays', warnings: [], jobGraph: { levels: 2 } });
  });

  it.each([
    ['a format that is none', ['plan', flightsJob, '--format', 'png'], /text, mermaid, flink, json/, /weir plan --help/],
    ["a job's option before --", ['plan', flightsJob, '--input', 'x'], /unknown option '--input'/, /weir plan job\.ts -- /],
    ['missing arguments', ['plan', flightsJob], /input: /, /--input, --output, --rate/],
    [
      'a build that throws',
      ['plan', jobFile('throws-in-build-job.ts')],
      /build\(\) of job "throws" threw: no such table/,
      /synchronous and pure/,
    ],
  ])('explains %s', async (_, words, cause, advice) => {
    const { code, stderr } = await place.weir(...words);
    expect(code).toBe(1);
    expect(stderr.split('\n')[0]).toMatch(cause);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(advice);
  });

  it("points into the author's build when that throws", async () => {
    const { stderr } = await place.weir('plan', jobFile('throws-in-build-job.ts'));
    expect(stderr).toMatch(/\n {4}at .*throws-in-build-job\.ts:6:\d+/);
    expect(stderr).not.toMatch(/node:internal|src\/(cli|program|stream|job)\//);
  });
});
