import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './stranger.ts';

/** The last of each line of TypeScript that is not the one that projects get. */
const versions = ['5.9.3', '6.0.3'] as const;
const cache = join(homedir(), '.cache', 'weir-tests', `typescript-${versions.join('-')}`);

/** TypeScript by version: the file to run. Brought from the registry at the first use on a machine, whole or not at all. */
export async function olderCompilers(): Promise<Readonly<Record<string, string>>> {
  if (!existsSync(cache)) {
    mkdirSync(join(cache, '..'), { recursive: true });
    const fetching = mkdtempSync(`${cache}-`);
    const packages = versions.map((version) => `typescript-${version}@npm:typescript@${version}`);
    const words = ['npm', 'install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', fetching, ...packages];
    const { code, stderr } = await run(fetching, words, process.env);
    if (code !== 0) throw new Error(`TypeScript can't be fetched: ${stderr}`);
    if (existsSync(cache)) rmSync(fetching, { recursive: true });
    else renameSync(fetching, cache);
  }
  return Object.fromEntries(
    versions.map((version): [string, string] => [version, join(cache, 'node_modules', `typescript-${version}`, 'lib', 'tsc.js')]),
  );
}
