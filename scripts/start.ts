/**
 * `npm start`: the flight delays example on the embedded cloud. Reads its input at a pace that can be watched, ends the
 * process of one operator function in the middle, and compares the result with a plain single pass over the file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { differences, foundLines } from '../examples/flight-delays/check.ts';
import type { AirportDelays } from '../examples/flight-delays/job.ts';
import { systemClock } from '../src/base/clock.ts';
import { colorsFor } from '../src/cli/colors.ts';
import { explainError } from '../src/cli/explain-error.ts';
import { followJob } from '../src/cli/follow-job.ts';
import { LocalRuntime } from '../src/cli/local-runtime.ts';
import { Terminal } from '../src/cli/terminal.ts';
import { untilInterrupted } from '../src/cli/until-interrupted.ts';
import { controlClient } from '../src/control-api/client.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const name = 'flight-delays';
const jobFile = join(root, 'examples', 'flight-delays', 'job.ts');
const input = join(root, 'node_modules', 'vega-datasets', 'data', 'flights-20k.json');
const output = join(root, 'output', 'flight-delays');
/** 20,000 flights take about seven seconds. */
const recordsPerSecond = 3_000;
const parallelism = 2;
const killAfterCheckpoint = 3;
const killedSlot = 1;
/** Whatever goes wrong, it is said, and not waited for. */
const timeLimitMs = 120_000;

const terminal = new Terminal({ json: false });
const pc = colorsFor(process.stdout);
const say = (line: string): void => terminal.result([line], {});

async function main(): Promise<number> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'weir-start-'));
  const interrupt = untilInterrupted();
  rmSync(output, { recursive: true, force: true });
  try {
    const args = { input, output, rate: String(recordsPerSecond) };
    await using runtime = await LocalRuntime.start({ dataDirectory, drive: true, kind: 'foreground' });
    say(`Local cloud: ${runtime.url}. Job ${name}: 20,000 flights of 2001 at ${recordsPerSecond} a second, parallelism ${parallelism}.`);
    const timeLimit = new AbortController();
    const limited = systemClock.sleep(timeLimitMs, timeLimit.signal).then(
      () => timeLimit.abort(),
      () => undefined,
    );
    const finished = await runJob(runtime, args, AbortSignal.any([interrupt.signal, timeLimit.signal]));
    timeLimit.abort();
    await limited;
    if (!finished) return 1;
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  showWorst();
  return showCheck();
}

/** Whether the job has finished. */
async function runJob(runtime: LocalRuntime, args: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean> {
  const client = controlClient(runtime.url);
  const { programId } = await client.deployProgram({}, { jobFile, workingDirectory: root, name });
  const { jobid } = await client.runProgram({ id: programId }, { programArgs: args, parallelism, weir: { checkpointIntervalMs: 1_000 } });
  let killedAfter: number | undefined;
  let isRecovered = false;
  const last = await followJob({
    client,
    jobId: jobid,
    clock: systemClock,
    signal,
    onProgress(event, job) {
      terminal.progress(event, { jobId: jobid, name });
      if (event.event !== 'checkpoint') return;
      if (killedAfter !== undefined && !isRecovered) {
        isRecovered = true;
        say(pc.green(`recovered: slot ${killedSlot} loaded its state as of checkpoint ${killedAfter}, and the job went on from there`));
      }
      if (killedAfter === undefined && job.weir.checkpoint >= killAfterCheckpoint) {
        killedAfter = job.weir.checkpoint;
        say(pc.yellow(`killing the process of slot ${killedSlot} (SIGKILL): its state in memory is gone`));
        void runtime.killSlot(programId, killedSlot);
      }
    },
  });
  if (last === undefined || last['end-time'] === -1) {
    say(
      pc.red(
        `The job was left unfinished after checkpoint ${last?.weir.checkpoint ?? 0}${last?.weir.cause === undefined ? '.' : `: ${last.weir.cause.message}`}`,
      ),
    );
    return false;
  }
  if (last.state !== 'FINISHED') {
    say(pc.red(`The job should have FINISHED: ${last.weir.cause?.message ?? 'no cause is known'}`));
    return false;
  }
  return true;
}

function showWorst(): void {
  const airports = foundLines(output).map((line) => JSON.parse(line) as AirportDelays);
  const worst = airports.toSorted((a, b) => b.meanDelay - a.meanDelay).slice(0, 10);
  const table = new Table({
    head: ['airport', 'flights', 'mean delay (min)', 'worst delay (min)', 'delayed > 15 min'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { airport, flights, meanDelay, worstDelay, delayedShare } of worst) {
    table.push([airport, flights, meanDelay.toFixed(2), worstDelay, `${(delayedShare * 100).toFixed(1)} %`]);
  }
  say(`\nThe ten worst of ${airports.length} airports, by mean delay:`);
  say(table.toString());
}

function showCheck(): number {
  const found = differences(input, output);
  if (found.length === 0) {
    say(pc.green('The result equals a plain single pass over the file.'));
    return 0;
  }
  say(pc.red(`The result differs from a plain single pass over the file in ${found.length} lines:`));
  for (const line of found.slice(0, 20)) say(line);
  return 1;
}

try {
  process.exit(await main());
} catch (thrown) {
  terminal.error(explainError(thrown, true));
  process.exit(1);
}
