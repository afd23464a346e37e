/**
 * What a cold start of each function of the control plane loads, and how long that takes: `npm run bench:functions`. Bundled as
 * the constructs do it; each number is the median of so many fresh processes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleControlHandler, controlHandlers } from '../infra/bundle-control-handlers.ts';

const rounds = 9;

/** Imports a file, and says how long that took: on the clock, and of processors, which load changes less. */
const probe = `
const before = process.cpuUsage();
const begun = performance.now();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ ms: performance.now() - begun, cpuMs: (user + system) / 1000 }));
`;

const environment = {
  ...process.env,
  AWS_REGION: 'us-east-1',
  WEIR_TABLE: 'weir',
  WEIR_STATE_ROOT: 's3://weir/state',
  NODE_COMPILE_CACHE: undefined,
};

/** The file, and all that it imports at once; what it may import later is called as a function. */
function loadedWith(file: string, folder: string, loaded: Set<string> = new Set()): ReadonlySet<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, chunk] of text.matchAll(/(?:from|\bimport)\s*"\.\/(chunk-[^"]+)"/g)) loadedWith(chunk!, folder, loaded);
  return loaded;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function measured(file: string): { readonly ms: number; readonly cpuMs: number } {
  const runs = Array.from({ length: rounds }, () => {
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', probe, pathToFileURL(file).href], { env: environment });
    return JSON.parse(said.toString()) as { readonly ms: number; readonly cpuMs: number };
  });
  return { ms: median(runs.map(({ ms }) => ms)), cpuMs: median(runs.map(({ cpuMs }) => cpuMs)) };
}

const directory = mkdtempSync(join(tmpdir(), 'weir-functions-'));
try {
  console.log('| function | loaded at start | loaded when needed | init | processor time |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const handler of controlHandlers) {
    const bundle = bundleControlHandler(handler, directory);
    const sizeOf = (files: readonly string[]) => files.reduce((sum, file) => sum + statSync(join(bundle, file)).size, 0);
    const all = sizeOf(readdirSync(bundle).filter((file) => file.endsWith('.mjs')));
    const entry = sizeOf([...loadedWith(`${handler}.mjs`, bundle)]);
    const { ms, cpuMs } = measured(join(bundle, `${handler}.mjs`));
    console.log(`| ${handler} | ${kb(entry)} | ${kb(all - entry)} | ${ms.toFixed(0)} ms | ${cpuMs.toFixed(0)} ms |`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function kb(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`;
}
