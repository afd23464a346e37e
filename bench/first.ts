/*
 * What a record costs, on the path that is shipped: bundled handlers, workflows, durable segments, a committed sink and
 * checkpoints a second apart, on the embedded cloud with a data directory; beside a hand-written loop that does the same
 * work in one thread. Run: npm run bench:first, or with `-- --json`; `--ndjson-records`, `--generator-records`,
 * `--rounds` for other sizes. What is measured, and what was found: bench/README.md.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { bidsFile } from './first/inputs.ts';
import { type MeasuredRun, runMeasured } from './first/run-measured.ts';
import { linesOf, runWeir, type WeirRun } from './first/weir-runs.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    'ndjson-records': { type: 'string', default: '8000000' },
    'generator-records': { type: 'string', default: '32000000' },
    rounds: { type: 'string', default: '2' },
  },
});

const rounds = Number(options.rounds);
const parallelisms = [1, 2] as const;
const emptyEpochs = 200;
const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));

interface Input {
  readonly name: 'ndjson' | 'generator';
  readonly records: number;
  readonly jobArgs: readonly string[];
  readonly loopArgs: readonly string[];
}

try {
  const ndjson = await measureInput(ndjsonInput(Number(options['ndjson-records'])));
  const generator = await measureInput(generatorInput(Number(options['generator-records'])));
  const small = await measureSmall();
  if (options.json) process.stdout.write(`${JSON.stringify({ ndjson: ndjson.results, generator: generator.results, ...small })}\n`);
  else printTable([ndjson, generator], small);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function ndjsonInput(records: number): Input {
  const file = bidsFile(records);
  return { name: 'ndjson', records, jobArgs: ['--input', file], loopArgs: ['ndjson', file] };
}

function generatorInput(records: number): Input {
  return { name: 'generator', records, jobArgs: ['--count', `${records}`], loopArgs: ['generator', `${records}`] };
}

type Measured = Awaited<ReturnType<typeof measureInput>>;

/** Loop and jobs in turn, so that a machine that is slower for a while is so for all; of each the median round. */
async function measureInput(input: Input) {
  const loops: MeasuredRun[] = [];
  const runs = new Map<number, WeirRun[]>(parallelisms.map((parallelism) => [parallelism, []]));
  // Bundles, and fills what caches there are.
  const warmUp = input.name === 'ndjson' ? ndjsonInput(1_000) : generatorInput(1_000);
  await runWeir({ job: input.name, parallelism: 1, checkpointIntervalMs: 1_000, args: warmUp.jobArgs, folder });
  for (let round = 0; round < rounds; round++) {
    const loop = await runLoop(input);
    loops.push(loop);
    for (const parallelism of parallelisms) {
      note(`${input.name}, p=${parallelism}, round ${round + 1} of ${rounds}`);
      const run = await runWeir({ job: input.name, parallelism, checkpointIntervalMs: 1_000, args: input.jobArgs, folder });
      if (sorted(linesOf(run.output)) !== loop.output)
        throw new Error(`The results of ${input.name} at p=${parallelism} differ from the loop's.`);
      runs.get(parallelism)!.push(run);
    }
  }
  const rateOf = (of: readonly MeasuredRun[], pick: (run: MeasuredRun) => number): number =>
    Math.round(input.records / median(of.map(pick)));
  const loopRate = rateOf(loops, (run) => run.cpuSeconds);
  const resultOf = (parallelism: number) => {
    const of = runs.get(parallelism)!;
    const recordsPerCpuSecond = rateOf(of, (run) => run.cpuSeconds);
    return {
      recordsPerSecond: rateOf(of, (run) => run.elapsedMs / 1_000),
      recordsPerCpuSecond,
      ratioToLoop: Number((recordsPerCpuSecond / loopRate).toFixed(3)),
    };
  };
  const checkpoints = runs.get(1)!.flatMap((run) => run.checkpointBytes);
  return {
    input,
    loop: { recordsPerSecond: rateOf(loops, (run) => run.elapsedMs / 1_000), recordsPerCpuSecond: loopRate },
    checkpointBytes: checkpoints.length === 0 ? undefined : Math.round(median(checkpoints)),
    results: { p1: resultOf(1), p2: resultOf(2) },
  };
}

async function runLoop({ loopArgs }: Input): Promise<MeasuredRun & { readonly output: string }> {
  const file = join(folder, 'loop.ndjson');
  const run = await runMeasured([fileURLToPath(new URL('first/loop.ts', import.meta.url)), ...loopArgs, file]);
  return { ...run, output: sorted(readFileSync(file, 'utf8').trim().split('\n')) };
}

/** What is not in proportion to records. */
async function measureSmall() {
  const base = { parallelism: 1, folder } as const;
  const runs: WeirRun[] = [];
  for (let round = 0; round < 3; round++)
    runs.push(await runWeir({ ...base, job: 'generator', checkpointIntervalMs: 1_000, args: ['--count', '1'] }));
  note(`${emptyEpochs} empty epochs`);
  const empty = await runWeir({ ...base, job: 'empty', checkpointIntervalMs: 1, args: ['--epochs', `${emptyEpochs}`] });
  const few = await runWeir({ ...base, job: 'empty', checkpointIntervalMs: 1, args: ['--epochs', '1'] });
  const per = (of: (run: WeirRun) => number): number => Number(((1_000 * (of(empty) - of(few))) / (emptyEpochs - 1)).toFixed(2));
  return {
    timeToFirstRecordMs: median(runs.map((run) => run.firstOutputMs ?? run.elapsedMs)),
    oneRecordStartToExitMs: median(runs.map((run) => run.elapsedMs)),
    emptyEpoch: { cpuMs: per((run) => run.cpuSeconds), elapsedMs: per((run) => run.elapsedMs / 1_000) },
  };
}

function printTable(measured: readonly Measured[], small: Awaited<ReturnType<typeof measureSmall>>): void {
  const table = new Table({
    head: ['', 'records/s', 'records/CPU-s', 'of the loop'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right'],
  });
  for (const { input, loop, results } of measured) {
    table.push([`${input.name}, loop`, count(loop.recordsPerSecond), count(loop.recordsPerCpuSecond), '1']);
    for (const [name, result] of Object.entries(results))
      table.push([
        `${input.name}, ${name}`,
        count(result.recordsPerSecond),
        count(result.recordsPerCpuSecond),
        result.ratioToLoop.toFixed(2),
      ]);
  }
  const bytes = measured.map(({ input, checkpointBytes }) => `${count(checkpointBytes ?? 0)} (${input.name})`).join(', ');
  process.stdout.write(
    `${table.toString()}\nFirst record committed ${small.timeToFirstRecordMs} ms after the command began; with one record, exit after ${small.oneRecordStartToExitMs} ms.\nAn empty epoch: ${small.emptyEpoch.cpuMs} ms of processor time in all processes, ${small.emptyEpoch.elapsedMs} ms.\nBytes of a checkpoint at p=1, median: ${bytes}.\n`,
  );
}

function median(numbers: readonly number[]): number {
  const ascending = [...numbers].sort((a, b) => a - b);
  const middle = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[middle]! : (ascending[middle - 1]! + ascending[middle]!) / 2;
}

/** One text, whatever the order of lines and the order of fields within them. */
function sorted(lines: readonly string[]): string {
  return lines
    .map((line) => JSON.stringify(Object.entries(JSON.parse(line) as object).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort((a, b) => (a < b ? -1 : 1))
    .join('\n');
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
