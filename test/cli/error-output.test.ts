// What an author sees of his mistakes, word for word: who reads it should know the operator, the place and what to do.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './weir-process.ts';

interface Mistake {
  readonly what: string;
  /** What stands in `build`, or a whole file. */
  readonly build?: string;
  readonly file?: string;
  /** More of the definition. */
  readonly definition?: string;
  /** After `run --memory job.ts`. */
  readonly words?: readonly string[];
  /** Standard error, and standard output where the job was submitted. */
  readonly said: readonly string[];
  readonly printed?: readonly string[];
}

const lines = "env.fromSource(files.lines('in.txt')).uid('lines')";
const submitted = 'Job has been submitted with JobID <job>';
const failed = (restarts: 0 | 1) =>
  `Job mistaken (<job>) is FAILED after <time>: 0 records in, 0 out, 0 checkpoints, ${restarts} restart${restarts === 1 ? '' : 's'}.`;
const again = (message: string) => `failed after checkpoint 0, going on from it: ${message}`;

const whileBuilding: readonly Mistake[] = [
  {
    what: 'no default export',
    file: 'export const job = 1;',
    said: [
      'error: The default export of job file "job.ts" must be a job, but it is missing.',
      'End it in export default defineJob({ ... }). More: weir explain NOT_A_JOB',
    ],
  },
  {
    what: 'a syntax error',
    file: 'export default defineJob({ name: "mistaken", build( };',
    said: [
      'error: Job file "job.ts" cannot be bundled: job.ts:1:53: Expected identifier but found "}"',
      'Correct the file. More: weir explain JOB_FILE_INVALID',
    ],
  },
  {
    what: 'a package that is not there',
    file: "import { parse } from 'no-such-package';\nexport default parse();",
    said: [
      'error: Job file "job.ts" cannot be bundled: job.ts:1:23: Could not resolve "no-such-package"',
      'Install the package, or correct the path. More: weir explain JOB_FILE_INVALID',
    ],
  },
  {
    what: 'a file that throws when it is loaded',
    file: 'const rates: number[] = [];\nexport default rates[0]!.toFixed();',
    said: [
      'error: Job file "job.ts" failed while it was loaded: Cannot read properties of undefined (reading \'toFixed\')',
      '    at <anonymous> (job.ts:2:26)',
      'Its top level should only define things. More: weir explain JOB_FILE_FAILED',
    ],
  },
  {
    what: 'a build that throws',
    build: "throw new RangeError('no such mode');",
    said: [
      'error: build() of job "mistaken" threw: no such mode',
      '    at Object.build (job.ts:5:7)',
      'build() must be synchronous and pure: no I/O, clock or randomness. More: weir explain BUILD_FAILED',
    ],
  },
  {
    what: 'a build that makes another graph each time',
    build: `${lines}.map((line) => line).uid(String(Math.random())).print();`,
    said: [
      'error: build of job "mistaken" made two different graphs from the same arguments.',
      'Let build depend on its arguments and the parallelism only: no clock, randomness, environment or counters outside of it. More: weir explain IMPURE_BUILD',
    ],
  },
  {
    what: 'a graph without operators',
    build: '',
    said: [
      'error: No operators defined in streaming topology of job "mistaken": there is no source.',
      'In build, connect env.fromSource(...) with operators and end in .sinkTo(...). More: weir explain NO_OPERATORS',
    ],
  },
  {
    what: 'two operators of one uid',
    build: `${lines}\n.map((line) => line).uid('lines').print();`,
    said: [
      'error: Operators "Source: files.lines" and "Map" of job "mistaken" have the same uid "lines".',
      '    at Object.build (job.ts:6:2)',
      'State is found by uid: give each operator one of its own. More: weir explain DUPLICATE_UID',
    ],
  },
  {
    what: 'an operator without a uid where all need one',
    definition: 'strictUids: true,',
    build: `${lines}\n.map((line) => line)\n.print().uid('print');`,
    said: [
      'error: Job "mistaken" allows no generated ids (strictUids), but its operator "Map" has neither a uid nor a uid hash.',
      '    at Object.build (job.ts:6:2)',
      'Give each of them a uid of its own: .uid("..."). More: weir explain UID_REQUIRED',
    ],
  },
  {
    what: 'a parallelism that is none',
    build: `${lines}\n.map((line) => line)\n.setParallelism(0).print();`,
    said: [
      'error: The parallelism of operator "Map" of job "mistaken" must be a whole number from 1 to 32768, but it is 0.',
      '    at Object.build (job.ts:6:2)',
      'Set another parallelism (-p, or .setParallelism). More: weir explain INVALID_PARALLELISM',
    ],
  },
  {
    what: 'an argument that is missing',
    definition: 'args: z.object({ input: z.string(), rate: z.coerce.number().optional() }),',
    build: `${lines}.print();`,
    said: [
      'error: The arguments of job "mistaken" are wrong: input: is missing (Invalid input: expected string, received undefined).',
      'It takes --input, --rate, after "--". More: weir explain INVALID_ARGUMENTS',
    ],
  },
  {
    what: 'an argument of another type, and one that is unknown',
    definition: 'args: z.object({ input: z.string(), rate: z.coerce.number().optional() }),',
    build: `${lines}.print();`,
    words: ['--', '--input', 'in.txt', '--rate', 'fast', '--loud'],
    said: [
      'error: The arguments of job "mistaken" are wrong: rate: Invalid input: expected number, received NaN; loud: is unknown.',
      'It takes --input, --rate, after "--". More: weir explain INVALID_ARGUMENTS',
    ],
  },
];

const whileRunning: readonly Mistake[] = [
  {
    what: 'an input that is not there',
    build: "env.fromSource(files.lines('nowhere.txt')).uid('lines').print();",
    printed: [submitted, failed(0)],
    said: [
      'error: Input "nowhere.txt" was not found: expected a file, or a directory with files, found neither at file://<dir>/nowhere.txt (operator "lines").',
      'Check the path; names that begin with a dot or an underscore are passed over. More: weir explain INPUT_NOT_FOUND',
    ],
  },
  {
    what: 'an output where a file is in the way',
    build: `${lines}.sinkTo(files.ndjson('in.txt/below')).uid('result');`,
    printed: [submitted, failed(0)],
    said: [
      expect.stringMatching(
        /^error: Local storage failed on "file:\/\/<dir>\/in\.txt\/below\/.*": ENOTDIR: not a directory, mkdir '.*' \(operator "result", subtask 0\)\.$/,
      ) as unknown as string,
      'A file stands where a directory is needed, or the reverse: choose another place. More: weir explain FILE_IN_THE_WAY',
    ],
  },
  {
    what: 'a function that throws',
    build: `const parse = (line: string): number => {\n  throw new RangeError(\`no number: \${line}\`);\n};\n${lines}.map((line) => parse(line)).uid('parse').print();`,
    printed: [submitted, again('Operator "parse" failed at file://<dir>/in.txt, byte 0: RangeError: no number: a b'), failed(1)],
    said: [
      'error: Operator "parse" failed at file://<dir>/in.txt, byte 0: RangeError: no number: a b',
      '    at parse (job.ts:6:9)',
      expect.stringMatching(/^ {4}at .*job\.ts:8:\d+\)?$/) as unknown as string,
      'Correct the function, or let it pass over such records. More: weir explain USER_FUNCTION_FAILED',
    ],
  },
  {
    what: 'a function that cannot be opened',
    build: `${lines}.map({\n  open() {\n    throw new Error('no licence');\n  },\n  map: (line: string) => line,\n}).uid('licensed').print();`,
    printed: [submitted, again('Operator "licensed" failed at open: Error: no licence'), failed(1)],
    said: [
      'error: Operator "licensed" failed at open: Error: no licence',
      '    at Object.open (job.ts:7:11)',
      'Correct the function. More: weir explain USER_FUNCTION_FAILED',
    ],
  },
  {
    what: 'a function that is asynchronous',
    build: `${lines}.flatMap((async () => undefined) as never).uid('waits').print();`,
    printed: [submitted, again('The function returned something where nothing is expected; it is asynchronous, perhaps.'), failed(1)],
    said: [
      'error: The function returned something where nothing is expected; it is asynchronous, perhaps (operator "waits", subtask 0, at file://<dir>/in.txt, byte 0).',
      'Make it synchronous, and emit by out.collect(...). More: weir explain ASYNC_USER_FUNCTION',
    ],
  },
  {
    what: 'a record that its schema refuses',
    build: "env.fromSource(files.records('records.ndjson', z.object({ id: z.number() }))).uid('records').print();",
    printed: expect.anything() as unknown as readonly string[],
    said: [
      'error: Malformed record at file://<dir>/records.ndjson, byte 0 (line 1): expected a record that fits the schema, found "{\\"id\\":\\"x\\"}": id: Invalid input: expected number, received string (operator "records", subtask 0).',
      "Correct the record, or let the job skip such records with onMalformed: 'skip'. More: weir explain MALFORMED_RECORD",
    ],
  },
  {
    what: 'a record that is no plain data',
    build: `${lines}.map((line) => ({ line, seen: new Map() })).uid('m').rebalance().map(({ line }) => line).print();`,
    printed: expect.anything() as unknown as readonly string[],
    said: [
      'error: Records must be plain data (null, booleans, numbers, bigint, strings, dates, byte arrays, lists and plain objects), but field "seen" is an instance of Map (operator "m", subtask 0, at file://<dir>/in.txt, byte 0).',
      'Turn it into plain data before it leaves the operator. More: weir explain VALUE_NOT_PLAIN',
    ],
  },
  {
    what: 'a value of state that is no plain data',
    build: `${lines}.keyBy((line) => line).process({\n  state: { last: valueState<unknown>() },\n  onElement(_line, { state }) {\n    state.last.update({ call: () => 1 });\n  },\n}).uid('last').print();`,
    printed: expect.anything() as unknown as readonly string[],
    said: [
      'error: State must be plain data, but in state "last" for key "a b" of operator "last" field "call" is a function.',
      'Keep null, booleans, numbers, bigint, strings, dates, byte arrays, or lists and plain objects of these. More: weir explain VALUE_NOT_PLAIN',
    ],
  },
  {
    what: 'a record that is no JSON for a sink',
    build: `${lines}.map((line) => ({ line, count: 1n })).uid('counted').sinkTo(files.ndjson('out')).uid('result');`,
    printed: expect.anything() as unknown as readonly string[],
    said: [
      'error: A record cannot be written as a line of JSON: Do not know how to serialize a BigInt (operator "result", subtask 0, at file://<dir>/in.txt, byte 0).',
      'Map records to JSON before the sink: bigint to a string or a number, bytes to base64. More: weir explain OUTPUT_NOT_JSON',
    ],
  },
  {
    what: 'a key that is none',
    build: `${lines}.keyBy((() => new Date(0)) as never).reduce((a) => a).uid('r').print();`,
    printed: expect.anything() as unknown as readonly string[],
    said: [
      expect.stringMatching(
        /^error: A key must be a string, number, boolean or bigint, or a list or plain object of these; found an instance of Date \(operator "r", subtask 0, at .*\)\.$/,
      ) as unknown as string,
      'Let keyBy return a value of these kinds for every record. More: weir explain KEY_INVALID',
    ],
  },
  {
    what: 'a timer without a time',
    build: `${lines}.keyBy((line) => line).process({\n  onElement(_line, { timers }) {\n    timers.registerEventTimeTimer(Number('soon'));\n  },\n}).uid('timed').print();`,
    printed: expect.anything() as unknown as readonly string[],
    said: [
      'error: A timer of operator "timed" needs a finite number as its time, but for key "a b" found NaN (at record 1 from "Source: files.lines" subtask 0).',
      expect.stringMatching(/^ {4}at Object\.onElement \(job\.ts:7:\d+\)$/) as unknown as string,
      'For the end of the stream use maxWatermark. More: weir explain TIMER_INVALID',
    ],
  },
  {
    what: 'a change in place',
    build: `${lines}.map((line) => ({ line })).uid('wrapped').map((item) => {\n  (item as { line: string }).line = 'x';\n  return item;\n}).uid('m').print();`,
    printed: expect.anything() as unknown as readonly string[],
    said: [
      'error: Operator "m" changed field "line" of a value in place, but records and values of state are read-only: Cannot assign to read only property \'line\' of object \'#<Object>\' (at file://<dir>/in.txt, byte 0).',
      expect.stringMatching(/^ {4}at .*job\.ts:6:\d+\)?$/) as unknown as string,
      'Make a new value and go on with that: { ...value, line: changed } or [...list, element]; state takes it with update, put or add. More: weir explain CHANGED_IN_PLACE',
    ],
  },
  {
    what: 'a process that ends itself',
    definition: "restartStrategy: { kind: 'none' },",
    build: `${lines}.map((line): string => process.exit(line.length)).uid('m').print();`,
    printed: [submitted, failed(0)],
    said: [
      'error: The call of slot 0 came to nothing: Runtime.ExitError: Error: Runtime exited with error: exit status 3',
      'The job goes on from its latest checkpoint; if it keeps happening, look at what its functions said: weir logs, or their logs in CloudWatch. More: weir explain SLOT_LOST',
    ],
  },
];

let place: Workplace;

beforeAll(() => {
  place = new Workplace();
  writeFileSync(place.path('in.txt'), 'a b\n');
  writeFileSync(place.path('records.ndjson'), '{"id":"x"}\n');
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), place.path('node_modules'));
});
afterAll(() => place[Symbol.asyncDispose]());

const fileOf = ({ file, definition = '', build = '' }: Mistake): string =>
  file ??
  `import { defineJob, valueState } from 'weir-streams';
import { files } from 'weir-streams/connectors/files';
import { z } from 'zod';
export default defineJob({ name: 'mistaken', ${definition} build(env) {
  ${build}
} });
export { valueState, z };
`.replace('\n  ', '\n');

/** Without what differs from run to run. */
const masked = (text: string): readonly string[] =>
  text
    .replaceAll(place.directory, '<dir>')
    .replace(/[0-9a-f]{32}/g, '<job>')
    .replace(/after [\d.]+ m?s:/g, 'after <time>:')
    .split('\n')
    .filter((line) => line !== '');

async function expectSaid(mistake: Mistake): Promise<void> {
  writeFileSync(place.path('job.ts'), fileOf(mistake));
  const { code, stdout, stderr } = await place.weir('run', '--memory', 'job.ts', ...(mistake.words ?? []));
  expect(masked(stderr)).toEqual(mistake.said);
  expect(masked(stdout)).toEqual(mistake.printed ?? []);
  expect(code).toBe(1);
}

describe('a mistake that shows before the job runs', () => {
  it.each(whileBuilding)('is told word for word: $what', expectSaid);
});

describe('a mistake that shows while the job runs', () => {
  it.each(whileRunning)('is told word for word: $what', expectSaid);
});

describe('a data directory that is none', () => {
  it.each([
    ['a file', 'in.txt', 'it is a file'],
    ['below a file', 'in.txt/below', '<dir>/in.txt is a file'],
  ])('is told word for word: %s', async (_what, name, why) => {
    mkdirSync(place.path('elsewhere'), { recursive: true });
    for (const words of [['run', 'job.ts'], ['list'], ['local', 'start'], ['logs', 'f'.repeat(32)]]) {
      const { code, stdout, stderr } = await place.weir(...words, '--data-dir', place.path(name));
      expect(masked(stderr)).toEqual([
        `error: No data can be kept in <dir>/${name}: ${why}.`,
        'Choose another directory with --data-dir, or run the job with --memory. More: weir explain DATA_DIR_UNUSABLE',
      ]);
      expect([stdout, code]).toEqual(['', 1]);
    }
  });
});
