import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { functionBundleOptions } from '../src/program/esbuild-options.ts';
import { ownPackageRoot, runsFromSource } from '../src/program/own-package.ts';

/** The functions of a control plane, as their files in `functions/` are named. */
export const controlHandlers = [
  'api-queries',
  'api-trigger',
  'api-cancel',
  'api-run',
  'api-dispose',
  'authorizer',
  'scheduled-savepoint',
  'supervise',
  'upgrade',
] as const;
export type ControlHandler = (typeof controlHandlers)[number];

const handlersDirectory = join(ownPackageRoot, runsFromSource ? 'functions' : join('dist', 'functions'));
const bundled = new Set<string>();

/**
 * Bundles a handler by itself, so that a function changes only with what it holds, into a directory of its own below `outDir`,
 * and gives that. Source maps leave the sources out. Done once for a process and place.
 */
export function bundleControlHandler(handler: ControlHandler, outDir: string): string {
  const directory = join(outDir, handler);
  if (bundled.has(directory) && existsSync(directory)) return directory;
  rmSync(directory, { recursive: true, force: true });
  const file = join(handlersDirectory, `${handler}${runsFromSource ? '.ts' : '.js'}`);
  buildSync({
    ...functionBundleOptions,
    ...(existsSync(file)
      ? { entryPoints: { [handler]: file } }
      : { stdin: { contents: stub, resolveDir: ownPackageRoot }, entryNames: handler }),
    outdir: directory,
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
  });
  bundled.add(directory);
  return directory;
}

/** Until every handler has its file. */
const stub = `
export const handler = async () => ({ statusCode: 501, body: JSON.stringify({ errors: ['Not there yet.'] }) });
export const onEvent = async (event) => ({ PhysicalResourceId: event.PhysicalResourceId ?? event.RequestId });
export const isComplete = async () => ({ IsComplete: true });
`;
