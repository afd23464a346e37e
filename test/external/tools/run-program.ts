import { execFile } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly said: string;
}

/** A program that is not there ends with code 127, as in a shell. */
export function runProgram(
  program: string,
  words: readonly string[],
  options: { readonly environment?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const settings = {
      timeout: options.timeoutMs ?? 120_000,
      env: { ...process.env, ...options.environment },
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(program, words, settings, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 127, said: `${stdout}\n${stderr}` });
    });
  });
}

export const lastLine = (said: string): string => said.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
