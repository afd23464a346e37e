/**
 * What a savepoint and a restore cost, by size of state: `npm run bench:savepoints`, `-- --json`, `-- --keys 1000,1000000`.
 * Times by the weir command and the control API of a local cloud in the background, as users have it; requests and units in a
 * simulation, where each is known.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { type ControlClient, controlClient } from '../src/control-api/client.ts';
import { countSavepoints } from './savepoints/count-savepoints.ts';
import type { Requests } from './savepoints/counted-calls.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({ options: { json: { type: 'boolean' }, keys: { type: 'string', default: '1000,100000,1000000' } } });
const sizes = values.keys.split(',').map(Number);
const rounds = 5;

interface Measured {
  readonly keys: number;
  readonly stateBytes: number;
  /** Median of several, from the request to the answer, of a job that has nothing else to do. */
  readonly nativeMs: number;
  readonly metadataBytes: number;
  readonly canonicalMs: number;
  readonly copiedBytes: number;
  /** From the submission with a native savepoint to the job's first checkpoint. */
  readonly restoreMs: number;
  /** Reading and writing the canonical savepoint's files once, with fsync, by a plain loop. */
  readonly plainCopyMs: number;
}

const directory = mkdtempSync(join(tmpdir(), 'weir-bench-savepoints-'));
const dataDirectory = join(directory, 'cloud');
const weir = (...words: readonly string[]): string =>
  execFileSync(process.execPath, [here('../scripts/weir.mjs'), ...words, '--data-dir', dataDirectory, '--json'], { encoding: 'utf8' });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await pause(5);
  }
}

async function savepoint(client: ControlClient, jobid: string, formatType: 'NATIVE' | 'CANONICAL', target: string) {
  const begun = performance.now();
  const { 'request-id': triggerid } = await client.triggerSavepoint({ jobid }, { formatType, 'target-directory': target });
  const path = await until(async () => {
    const { operation } = await client.savepointStatus({ jobid, triggerid });
    if (operation?.['failure-cause'] !== undefined) throw new Error(operation['failure-cause'].message);
    return operation?.location;
  });
  return { path, ms: performance.now() - begun };
}

async function measure(client: ControlClient, keys: number): Promise<Measured> {
  const target = pathToFileURL(join(directory, `of-${keys}`)).href;
  const words = [here('savepoints/keys-job.ts'), '--checkpoint-interval', '60000'];
  execFileSync(process.execPath, [
    here('../scripts/weir.mjs'),
    'run',
    '-d',
    '--data-dir',
    dataDirectory,
    ...words,
    '--',
    '--keys',
    String(keys),
  ]);
  const { files } = await client.programs({});
  const { jobs } = await client.jobs({});
  const jobid = jobs.find(({ status }) => status !== 'CANCELED')!.id;
  await until(async () => ((await client.job({ jobid })).weir.totals.recordsIn >= keys ? true : undefined));
  // Asked for now and then, a request is met by a wait, which looks every two seconds; a sleeping driver is woken.
  await pause(3_000);
  const native = [];
  for (let round = 0; round < rounds; round++) native.push(await savepoint(client, jobid, 'NATIVE', target));
  const canonical = await savepoint(client, jobid, 'CANONICAL', target);
  const path = native.at(-1)!.path;
  const inspected = await client.inspectSnapshot({}, {}, { path });
  const begun = performance.now();
  const programId = files.toSorted((a, b) => a.uploaded - b.uploaded).at(-1)!.id;
  const restored = await client.runProgram(
    { id: programId },
    { programArgs: { keys: String(keys) }, savepointPath: path, weir: { checkpointIntervalMs: 60_000 } },
  );
  await until(async () => ((await client.job({ jobid: restored.jobid })).weir.checkpoint > inspected.checkpoint ? true : undefined));
  const restoreMs = performance.now() - begun;
  await client.cancelJob({ jobid: restored.jobid });
  await client.cancelJob({ jobid });
  await until(async () => ((await client.jobs({})).jobs.every(({ status }) => status === 'CANCELED') ? true : undefined));
  const { ms: plainCopyMs, bytes: copiedBytes } = plainCopy(fileURLToPath(canonical.path));
  return {
    keys,
    stateBytes: inspected.stateBytes,
    nativeMs: native.map(({ ms }) => ms).sort((a, b) => a - b)[rounds >> 1]!,
    metadataBytes: inspected.metadataBytes,
    canonicalMs: canonical.ms,
    copiedBytes,
    restoreMs,
    plainCopyMs,
  };
}

function plainCopy(from: string): { readonly ms: number; readonly bytes: number } {
  const to = mkdtempSync(join(directory, 'plain-'));
  const begun = performance.now();
  let bytes = 0;
  for (const name of readdirSync(from)) {
    writeFileSync(join(to, name), readFileSync(join(from, name)), { flush: true });
    bytes += statSync(join(to, name)).size;
  }
  return { ms: performance.now() - begun, bytes };
}

const { url } = JSON.parse(weir('local', 'start', '--port', '0')) as { readonly url: string };
try {
  const client = controlClient(url);
  const measured: Measured[] = [];
  for (const keys of sizes) measured.push(await measure(client, keys));
  const counted = [];
  for (const keys of [sizes[0]!, sizes.at(-1)!]) counted.push(await countSavepoints(keys));
  if (values.json === true) process.stdout.write(`${JSON.stringify({ savepoints: measured, requests: counted })}\n`);
  else {
    const ms = (value: number): string => `${Math.round(value)} ms`;
    const table = new Table({
      head: ['keys', 'state', 'native savepoint', 'its metadata', 'canonical', 'plain copy of its files', 'restore to first checkpoint'],
      style: { head: [], border: [] },
    });
    for (const each of measured) {
      table.push([
        each.keys.toLocaleString('en-US'),
        `${(each.stateBytes / 1e6).toFixed(2)} MB`,
        ms(each.nativeMs),
        `${each.metadataBytes} B`,
        ms(each.canonicalMs),
        `${ms(each.plainCopyMs)}, ${(each.copiedBytes / 1e6).toFixed(2)} MB`,
        ms(each.restoreMs),
      ]);
    }
    process.stdout.write(`${table.toString()}\n`);
    const requests = new Table({ head: ['keys', '', ...Object.keys(counted[0]!.checkpoint)], style: { head: [], border: [] } });
    for (const { keys, checkpoint, native, canonical } of counted) {
      const row = (what: string, of: Requests) =>
        requests.push([keys.toLocaleString('en-US'), what, ...Object.values(of).map((value: number) => value.toLocaleString('en-US'))]);
      row('checkpoint', checkpoint);
      row('native savepoint', native);
      row('canonical savepoint', canonical);
    }
    process.stdout.write(`${requests.toString()}\n`);
  }
} finally {
  weir('local', 'stop');
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
