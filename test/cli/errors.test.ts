// What users do wrong gets one line of cause and one of advice, exit code 1, and no stack trace.
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flights, flightsJob, jobFile, Workplace } from './weir-process.ts';

let place: Workplace;

beforeAll(() => {
  place = new Workplace();
  writeFileSync(place.path('empty.json'), '');
  writeFileSync(place.path('malformed.ndjson'), '{"date":"2001/01/01 00:47","origin":"SEA","delay":3}\n{"date":\n');
  writeFileSync(place.path('broken-syntax.ts'), 'export default defineJob({ name: "broken", build( };\n');
  mkdirSync(place.path('folder'));
});
afterAll(() => place[Symbol.asyncDispose]());

interface Mistake {
  readonly what: string;
  readonly words: readonly string[];
  readonly cause: RegExp;
  readonly advice: RegExp;
}

const mistakes: readonly Mistake[] = [
  { what: 'an unknown verb', words: ['walk'], cause: /unknown command 'walk'/, advice: /weir --help/ },
  { what: 'an unknown flag', words: ['list', '--everything'], cause: /unknown option '--everything'/, advice: /weir list --help/ },
  { what: "a job's option before --", words: ['run', 'job.ts', '--input', 'x'], cause: /unknown option '--input'/, advice: /go after --/ },
  { what: 'a parallelism that is none', words: ['run', 'job.ts', '-p', 'two'], cause: /whole number above 0/, advice: /weir run --help/ },
  { what: 'no job file', words: ['run'], cause: /needs a job file/, advice: /weir run job\.ts/ },
  { what: 'a file that is not there', words: ['run', 'missing.ts'], cause: /missing\.ts/, advice: /file/ },
  { what: 'a folder', words: ['run', 'folder'], cause: /folder/, advice: /file/ },
  { what: 'a file with a syntax error', words: ['run', 'broken-syntax.ts'], cause: /broken-syntax\.ts:1:\d+/, advice: /./ },
  { what: 'an export that is no job', words: ['run', jobFile('no-job.ts')], cause: /no-job\.ts/, advice: /defineJob/ },
  {
    what: 'a job file that fails when loaded',
    words: ['run', jobFile('throws-on-load-job.ts')],
    cause: /toUpperCase/,
    advice: /only define things/,
  },
  { what: 'missing arguments', words: ['run', flightsJob, '--', '--input', flights], cause: /output/, advice: /--input, --output, --rate/ },
  {
    what: 'wrong arguments',
    words: ['run', flightsJob, '--', '--input', flights, '--output', 'out', '--rate', 'fast'],
    cause: /rate/,
    advice: /--rate/,
  },
  {
    what: 'unknown arguments',
    words: ['run', flightsJob, '--', '--input', flights, '--output', 'out', '--speed', '3'],
    cause: /speed/,
    advice: /--rate/,
  },
  {
    what: 'words that are no options of a job',
    words: ['run', flightsJob, '--', 'input', flights],
    cause: /"input" is no option/,
    advice: /--name value/,
  },
  {
    what: 'a detached run without a local cloud',
    words: ['run', flightsJob, '-d', '--', '--input', flights, '--output', 'out'],
    cause: /No local cloud runs/,
    advice: /weir local start/,
  },
  { what: 'a job to resume that is unknown', words: ['run', '--resume', 'f'.repeat(32)], cause: /f{32}/, advice: /weir list/ },
];

describe('a mistake on the command line', () => {
  it.each(mistakes)('is explained: $what', async ({ words, cause, advice }) => {
    const { code, stdout, stderr } = await place.weir(...words);
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^error: /);
    expect(lines[0]).toMatch(cause);
    expect(lines.at(-1)).toMatch(advice);
    expect(lines.at(-1)).toMatch(/ More: weir explain [A-Z_]+$/);
    expect(lines.filter((line) => !line.startsWith('    at ')).length).toBeLessThanOrEqual(2);
    expect(stderr).not.toMatch(/node:internal|src\/(cli|program|stream|job)\//);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it('is explained as JSON with --json', async () => {
    const { code, stdout } = await place.weir('run', 'missing.ts', '--json');
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'JOB_FILE_NOT_FOUND', message: expect.stringContaining('missing.ts'), advice: expect.any(String) },
    });
    expect(code).toBe(1);
  });

  it('shows where it was found with --verbose', async () => {
    const { stderr } = await place.weir('run', 'missing.ts', '--verbose');
    expect(stderr).toMatch(/\n {4}at .*bundle-program/);
  });

  it("points into the author's file when that fails while it is loaded", async () => {
    const { stderr } = await place.weir('run', jobFile('throws-on-load-job.ts'));
    expect(stderr).toMatch(/\n {4}at .*throws-on-load-job\.ts:5:\d+/);
  });
});

describe('what is wrong with the input', () => {
  it.each([
    ['is missing', 'missing.json', /missing\.json/],
    ['is malformed', 'malformed.ndjson', /malformed\.ndjson/],
  ])('fails the job with one line that names the file: it %s', async (_, input, cause) => {
    const { code, stderr } = await place.weir('run', flightsJob, '--memory', '--', '--input', input, '--output', `out-${input}`);
    const [first = ''] = stderr.split('\n').filter((line) => line.startsWith('error: '));
    expect(first).toMatch(cause);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(code).toBe(1);
  });

  it("shows the author's own lines when the author's code fails", async () => {
    const { code, stdout, stderr } = await place.weir(
      'run',
      jobFile('strict-job.ts'),
      '--memory',
      '--',
      '--input',
      flights,
      '--output',
      'strict',
    );
    expect(stderr).toMatch(/error: .*"check".*byte \d+.*no flights from islands\n/);
    expect(stderr).toMatch(/at checked \(.*strict-job\.ts:9:\d+\)/);
    expect(stderr).not.toMatch(/^ {4}at .*(node_modules|src\/runtime)/m);
    expect(stdout).toMatch(/is FAILED/);
    expect(code).toBe(1);
  });
});
