import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/*
 * What a data directory keeps only because it takes long to make again, bundles and compiled code, is the same for all data
 * directories of one run of the tests: each starts with links to a common place, so that a job file is bundled once and not
 * for each of a hundred processes. Bundles go by their content, and appear whole.
 */

const variable = 'WEIR_TEST_BUNDLES';
const kept = ['programs', 'compile-cache'];
/** Commands that make a data directory. */
const making = ['run', 'deploy', 'local'];
/** With one of these they make none. */
const elsewhere = ['--memory', '--endpoint'];

/** Once for a run of the tests: makes the common place; what is returned takes it away. */
export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'weir-bundles-'));
  for (const name of kept) mkdirSync(join(directory, name));
  process.env[variable] = directory;
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Before a `weir` command with these words is started in a directory of a test's own: its data directory gets the links. */
export function shareBundles(directory: string, words: readonly string[]): void {
  const shared = process.env[variable];
  const goesElsewhere = process.env['WEIR_ENDPOINT'] !== undefined || elsewhere.some((flag) => words.includes(flag));
  if (shared === undefined || goesElsewhere || !making.includes(words[0] ?? '')) return;
  const flag = words.indexOf('--data-dir');
  const dataDirectory = resolve(directory, flag < 0 ? '.weir' : words[flag + 1]!);
  if (existsSync(dataDirectory) || !dataDirectory.startsWith(tmpdir()) || !isDirectory(dirname(dataDirectory))) return;
  mkdirSync(dataDirectory);
  for (const name of kept) symlinkSync(join(shared, name), join(dataDirectory, name));
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
