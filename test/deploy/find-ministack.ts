import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = '1.5.33';
const cache = join(homedir(), '.cache', 'weir-tests');
const environment = join(cache, `ministack-${version}`);

export type Found =
  | { readonly kind: 'found' /** Python with MiniStack in it. */; readonly python: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Brings MiniStack from PyPI into a virtual environment at the first use on a machine; then it is there. */
export async function findMiniStack(): Promise<Found> {
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return { kind: 'found', python };
  const interpreter = await firstPython();
  if (interpreter === undefined) return missing('there is no Python from 3.10 on on this machine');
  const why = await fetchMiniStack(interpreter);
  return why === undefined ? { kind: 'found', python } : missing(why);
}

const missing = (why: string): Found => ({ kind: 'missing', why });

async function firstPython(): Promise<string | undefined> {
  for (const name of ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3']) {
    const said = await run(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']);
    if (said.code === 0) return name;
  }
  return undefined;
}

/** Why it is not to be had, or nothing. Whole or not at all, though several may fetch at once. */
async function fetchMiniStack(interpreter: string): Promise<string | undefined> {
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'fetching-'));
  try {
    const made = await run(interpreter, ['-m', 'venv', fresh]);
    if (made.code !== 0) return `${interpreter} makes no virtual environment: ${lastLine(made.said)}`;
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ministack==${version}`];
    const installed = await run(join(fresh, 'bin', 'python'), pip);
    if (installed.code !== 0) return `pip can't fetch ministack==${version}: ${lastLine(installed.said)}`;
    // `python -m` finds its packages beside the interpreter, wherever the folder is: it may be moved.
    if (!existsSync(environment)) renameSync(fresh, environment);
    return undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const lastLine = (said: string): string => said.trim().split('\n').at(-1)?.slice(0, 200) ?? '';

/** A program that is not there ends with code 127, as in a shell. */
function run(program: string, words: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(program, words, { timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 127, said: `${stdout}\n${stderr}` });
    });
  });
}
