import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { BuildResult } from 'esbuild';
import { assert } from '../base/assert.ts';
import { BundleCache } from './bundle-cache.ts';
import { bundleFailed, jobFileNotFound } from './bundle-errors.ts';
import { esbuildOptions } from './esbuild-options.ts';
import { ownPackageRoot } from './own-package.ts';
import { programIdOf } from './program-id.ts';

export interface BundleRequest {
  /** Absolute, or relative to the working directory. */
  readonly jobFile: string;
  /** Handlers by name: files that import the job as `weir:job`. */
  readonly entries: Readonly<Record<string, string>>;
  /** Where bundles go, each into a directory of its own; never emptied here. */
  readonly outDir: string;
  /** `inline` for a debugger; by default files of their own, without the sources. */
  readonly sourceMaps?: 'linked' | 'inline';
}

export interface ProgramBundle {
  /** 16 hex digits: the digest of the bundle. Equal programs have equal ids. */
  readonly programId: string;
  /** Holds nothing but this bundle, and is never changed once it is there. */
  readonly directory: string;
  /** The bundled file of each handler. */
  readonly entries: Readonly<Record<string, string>>;
  /** The bundled job file alone, for `loadJob`. */
  readonly job: string;
}

/** Raised whenever the same files would be bundled otherwise than before. */
const bundleFormat = 1;

/**
 * Bundles a job file into each of the handlers that run it: ES modules for Node 24 with source maps, what they share in
 * chunks of its own. Nothing of the job runs here. Throws JOB_FILE_NOT_FOUND, JOB_FILE_INVALID (with file, line and
 * column), NOT_A_JOB if there is no default export.
 */
export async function bundleProgram(request: BundleRequest): Promise<ProgramBundle> {
  const jobFile = resolve(request.jobFile);
  const outDir = resolve(request.outDir);
  const { sourceMaps = 'linked' } = request;
  assert(request.entries['job'] === undefined, 'the entry name "job" is taken by the job file itself');
  const stats = statSync(jobFile, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) {
    throw jobFileNotFound(request.jobFile, stats === undefined ? 'nothing' : 'directory');
  }
  const bundleOf = (programId: string): ProgramBundle => {
    const directory = join(outDir, programId);
    const files = Object.keys(request.entries).map((name): [string, string] => [name, join(directory, `${name}.mjs`)]);
    return { programId, directory, entries: Object.fromEntries(files), job: join(directory, 'job.mjs') };
  };
  const cache = new BundleCache(outDir, { bundleFormat, jobFile, entries: request.entries, ownPackageRoot, sourceMaps });
  const known = cache.find();
  if (known !== undefined) return bundleOf(known);

  mkdirSync(outDir, { recursive: true });
  const staging = mkdtempSync(join(outDir, '.staging-'));
  try {
    const { programId, inputs } = await bundleInto(staging, request.jobFile, jobFile, { ...request, sourceMaps });
    cache.keep(programId, jobFile, inputs, staging);
    publish(staging, join(outDir, programId));
    return bundleOf(programId);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function bundleInto(
  staging: string,
  shownJobFile: string,
  jobFile: string,
  { entries, sourceMaps }: Required<Pick<BundleRequest, 'entries' | 'sourceMaps'>>,
): Promise<{ readonly programId: string; readonly inputs: readonly string[] }> {
  // Loaded only here: with a bundle in the cache nobody waits for it.
  const { build } = await import('esbuild');
  const options = esbuildOptions(jobFile, entries, staging, sourceMaps);
  let result: BuildResult<typeof options>;
  try {
    result = await build(options);
  } catch (failure) {
    throw bundleFailed(failure, shownJobFile, options.absWorkingDir, process.cwd());
  }
  for (const output of result.outputFiles) writeFileSync(join(staging, basename(output.path)), output.contents);
  return {
    programId: programIdOf(result.outputFiles, result.metafile.inputs),
    inputs: Object.keys(result.metafile.inputs).map((input) => resolve(options.absWorkingDir, input)),
  };
}

/** Whoever comes first wins; a second bundle of the same id is the same program. */
function publish(staging: string, directory: string): void {
  try {
    renameSync(staging, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  }
}
