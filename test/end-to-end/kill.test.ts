// Catches: a record lost or counted twice, a result published twice or never, whatever dies, at whatever moment.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differences } from '../../examples/flight-delays/check.ts';
import { seededRandom } from '../../src/base/random.ts';
import { environmentPids, killed, repository, WeirProcess } from './weir-process.ts';

/** How many runs; each is killed at moments of its own. `WEIR_KILLS=200` for a long look. */
const runs = Number(process.env['WEIR_KILLS'] ?? 20);
const seed = process.env['WEIR_SEED'] ?? 'kill';
const jobFile = 'examples/flight-delays/job.ts';
const input = join(repository, 'node_modules', 'vega-datasets', 'data', 'flights-5k.json');

let directory: string;
let dataDirectory: string;
let output: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-kill-'));
  dataDirectory = join(directory, 'data');
  output = join(directory, 'output');
});

afterEach(() => {
  for (const pid of environmentPids(dataDirectory)) killed(pid);
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

const started = (parallelism: number) =>
  new WeirProcess([
    'run',
    jobFile,
    '-p',
    String(parallelism),
    '--checkpoint-interval',
    '100',
    '--data-dir',
    dataDirectory,
    '--',
    '--input',
    input,
    '--output',
    output,
    '--rate',
    '4000',
  ]);

/** Every part of the result under its name, and nothing that readers would not expect. */
function expectExactResult(): void {
  expect(differences(input, output)).toEqual([]);
  const names = readdirSync(output).filter((name) => !name.startsWith('.'));
  expect(names.filter((name) => !name.startsWith('part-'))).toEqual([]);
}

/** From the middle of the run to beyond its end: between commits, within epochs, between a commit and its effects. */
const momentMs = (random: ReturnType<typeof seededRandom>) => Math.round(random.fraction() * 2_200);

const titles = {
  everything: 'killing everything at a random moment',
  host: 'killing the host, but not its functions, at a random moment',
  function: 'killing functions at random moments',
  publisher: 'killing everything between staging and publishing the output, around its commit,',
} as const;

/** The output is staged: its acknowledgement, the commit and the effects follow within some tens of milliseconds. */
async function outputStaged(process: WeirProcess): Promise<void> {
  let isOver = false;
  void process.ended.then(() => (isOver = true));
  const staging = join(output, '.weir-staging');
  const isStaged = () =>
    existsSync(staging) && readdirSync(staging, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
  while (!isOver && !isStaged()) await pause(1);
}

for (let run = 0; run < runs; run++) {
  const random = seededRandom(`${seed} ${run}`);
  const victims = (['everything', 'host', 'function', 'publisher'] as const)[run % 4]!;
  const parallelism = 1 + ((run >> 2) % 2);

  test(`run ${run} of seed "${seed}": ${titles[victims]} changes nothing in the result`, async () => {
    const first = started(parallelism);
    const [, jobId] = await first.printed(/JobID ([0-9a-f]{32})/);
    if (victims === 'publisher') await outputStaged(first);
    await pause(victims === 'publisher' ? Math.round(random.fraction() * 50) : momentMs(random));
    if (victims === 'function') {
      await killFunctions(random, 3);
      const { code, output: printed } = await first.ended;
      expect(code, printed).toBe(0);
      expectExactResult();
      return;
    }
    if (victims === 'host') first.killHost();
    else first.killAll();
    await first.ended;
    const resumed = new WeirProcess(['run', '--resume', jobId!, '--data-dir', dataDirectory]);
    const { code, output: printed } = await resumed.ended;
    expect(code, printed).toBe(0);
    expectExactResult();
  });
}

/** SIGKILL to one environment after the other, of slots and coordinator alike. */
async function killFunctions(random: ReturnType<typeof seededRandom>, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const pids = environmentPids(dataDirectory);
    const pid = pids[Math.floor(random.fraction() * pids.length)];
    if (pid !== undefined) killed(pid);
    await pause(Math.round(random.fraction() * 400));
  }
}
