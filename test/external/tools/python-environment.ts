import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lastLine, runProgram } from './run-program.ts';

/** Where tests keep what they fetched: once on a machine. */
export const cache: string = join(homedir(), '.cache', 'weir-tests');

export type FoundPython =
  | { readonly kind: 'found' /** Python with the package in it. */; readonly python: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Brings a package from PyPI into a virtual environment of its own at the first use on a machine; then it is there. */
export async function pythonWith(name: string, requirement: string): Promise<FoundPython> {
  const environment = join(cache, name);
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return { kind: 'found', python };
  const interpreter = await firstPython();
  if (interpreter === undefined) return { kind: 'missing', why: 'there is no Python from 3.10 on on this machine' };
  const why = await fetchInto(environment, interpreter, requirement);
  return why === undefined ? { kind: 'found', python } : { kind: 'missing', why };
}

async function firstPython(): Promise<string | undefined> {
  for (const name of ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3']) {
    const said = await runProgram(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']);
    if (said.code === 0) return name;
  }
  return undefined;
}

/** Why it is not to be had, or nothing. Whole or not at all, though several may fetch at once. */
async function fetchInto(environment: string, interpreter: string, requirement: string): Promise<string | undefined> {
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'fetching-'));
  try {
    const made = await runProgram(interpreter, ['-m', 'venv', fresh]);
    if (made.code !== 0) return `${interpreter} makes no virtual environment: ${lastLine(made.said)}`;
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement];
    const installed = await runProgram(join(fresh, 'bin', 'python'), pip, { timeoutMs: 240_000 });
    if (installed.code !== 0) return `pip can't fetch ${requirement}: ${lastLine(installed.said)}`;
    // `python -m` finds its packages beside the interpreter, wherever the folder is: it may be moved.
    if (!existsSync(environment)) renameSync(fresh, environment);
    return undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
