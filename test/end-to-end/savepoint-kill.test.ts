// Catches: a savepoint that is reported but gone after a crash, a job that is stopped without one, a result that is not exact
// when the local cloud dies between, or while, a job is stopped at parallelism 2 and resumed at 3.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differences } from '../../examples/flight-delays/check.ts';
import { seededRandom } from '../../src/base/random.ts';
import { GuideCloud, savepointIn } from '../savepoints-guide/guide-cloud.ts';
import { environmentPids, killed, repository } from './weir-process.ts';

/** How many runs are killed at moments of their own while they are being stopped. `WEIR_KILLS=100` for a long look. */
const runs = Number(process.env['WEIR_KILLS'] ?? 4);
const seed = process.env['WEIR_SEED'] ?? 'savepoint kill';
const flights = join(repository, 'node_modules', 'vega-datasets', 'data', 'flights-5k.json');
const jobOf = (name: string): string => join(repository, 'examples', name, 'job.ts');

let cloud: GuideCloud;

beforeEach(async () => {
  cloud = await GuideCloud.start();
});

afterEach(() => cloud[Symbol.asyncDispose]());

/** SIGKILL to the local cloud and all its functions. */
function killCloud(): void {
  const { pid } = JSON.parse(readFileSync(cloud.path('.weir', 'local.json'), 'utf8')) as { readonly pid: number };
  killed(pid);
  for (const function_ of environmentPids(cloud.path('.weir'))) killed(function_);
}

const restarted = () => cloud.good('local', 'start', '-D', `state.savepoints.dir=${cloud.savepoints}`);

interface Example {
  readonly name: string;
  readonly words: readonly string[];
  /** Fails unless the output is exact. */
  expectExact(): void;
}

const output = () => cloud.path('out');
const linesIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .toSorted();

const flightDelays = (): Example => ({
  name: 'flight-delays',
  words: ['--input', flights, '--output', output()],
  expectExact: () => expect(differences(flights, output())).toEqual([]),
});

/** Each flight twice, in files of their own. */
function deduplicate(): Example {
  const all = (JSON.parse(readFileSync(flights, 'utf8')) as readonly object[]).slice(0, 2_500).map((flight) => JSON.stringify(flight));
  mkdirSync(cloud.path('in'), { recursive: true });
  for (const copy of [0, 1, 2, 3]) {
    const half = all.filter((_, index) => index % 2 === copy % 2);
    writeFileSync(cloud.path('in', `${copy}.ndjson`), `${half.join('\n')}\n`);
  }
  return {
    name: 'deduplicate',
    words: ['--input', cloud.path('in'), '--output', output()],
    expectExact: () => expect(linesIn(output())).toHaveLength(new Set(all).size),
  };
}

const begin = ({ name, words }: Example) => cloud.submit(jobOf(name), '-p', '2', '--', ...words, '--rate', '2000');

async function checkpointed(jobId: string): Promise<void> {
  await cloud.good('checkpoint', jobId);
}

const finish = ({ name, words }: Example, path: string) =>
  cloud.good('run', '-s', path, '-p', '3', '--checkpoint-interval', '100', jobOf(name), '--', ...words, '--rate', '20000');

for (const example of [flightDelays, deduplicate]) {
  for (const type of ['native', 'canonical'] as const) {
    test(`${example.name} stopped with a ${type} savepoint, killed, and resumed at parallelism 3 is exact`, async () => {
      const of = example();
      const jobId = await begin(of);
      await checkpointed(jobId);
      const path = savepointIn(await cloud.good('stop', '--type', type, jobId));
      killCloud();
      await restarted();
      expect(await cloud.ended(jobId)).toBe('FINISHED');
      await finish(of, path);
      of.expectExact();
    });
  }
}

type Operation = Awaited<ReturnType<ReturnType<GuideCloud['api']>['jobOperations']>>['operations'][number];

/** What the durable record says of stopping the job, once it says something final; nothing if it never heard of it. */
async function stopOperation(jobId: string): Promise<Operation | undefined> {
  for (;;) {
    const { operations } = await cloud.api().jobOperations({ jobid: jobId });
    const stop = operations.find(({ kind }) => kind === 'stop');
    if (stop === undefined || stop.state === 'completed' || stop.state === 'failed') return stop;
    await pause(100);
  }
}

for (let run = 0; run < runs; run++) {
  const random = seededRandom(`${seed} ${run}`);
  const type = run % 2 === 0 ? 'native' : 'canonical';

  test(`run ${run} of seed "${seed}": killed while it is being stopped with a ${type} savepoint, the job is stopped or goes on`, async () => {
    const of = flightDelays();
    const jobId = await begin(of);
    await checkpointed(jobId);
    const stopping = cloud.weir('stop', '--type', type, jobId);
    await pause(150 + Math.round(random.fraction() * 450));
    killCloud();
    await stopping;
    await restarted();
    const stop = await stopOperation(jobId);
    if (stop?.state === 'completed') {
      expect(await cloud.ended(jobId)).toBe('FINISHED');
      await finish(of, stop.path!);
    } else {
      // It was never asked, or had read all its input before: nothing of a savepoint was reported.
      if (stop !== undefined) expect(await cloud.ended(jobId)).toBe('FINISHED');
      await cloud.good('run', '--resume', jobId);
    }
    of.expectExact();
  });
}
