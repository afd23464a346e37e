import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError, type WeirErrorInit } from '../src/base/errors.ts';
import type { ProgramBundle } from '../src/program/bundle-program.ts';
import { runsFromSource } from '../src/program/own-package.ts';

const bundled = new Map<string, ProgramBundle>();

/**
 * Bundles a job file with its handlers, as `weir run` does. In a process of its own: constructs are made synchronously, the
 * bundler's plugins are not. Done once for a process, file and place. Throws what `bundleProgram` throws.
 */
export function bundleJob(jobFile: string, outDir: string): ProgramBundle {
  const key = JSON.stringify([jobFile, outDir]);
  const known = bundled.get(key);
  if (known !== undefined && existsSync(known.directory)) return known;
  const command = join(import.meta.dirname, `bundle-command${runsFromSource ? '.ts' : '.js'}`);
  const said = execFileSync(process.execPath, [...(runsFromSource ? ['--conditions=weir-source'] : []), command, jobFile, outDir], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // Flags of this process, such as those of a test runner or a debugger, are not the bundler's.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const result = JSON.parse(said) as ProgramBundle | WeirErrorInit;
  if ('code' in result) throw new WeirError(result);
  bundled.set(key, result);
  return result;
}
