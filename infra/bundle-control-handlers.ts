import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
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
  'preflight',
  'scheduled-savepoint',
  'supervise',
  'upgrade',
] as const;
export type ControlHandler = (typeof controlHandlers)[number];

const handlersDirectory = join(ownPackageRoot, runsFromSource ? 'functions' : join('dist', 'functions'));
const bundled = new Set<string>();

/**
 * The directory of a handler's bundle below `outDir`. All are bundled together, once for a process and place, and each gets what
 * it loads and no more, so that a function changes only with what it holds. Source maps leave the sources out.
 */
export function bundleControlHandler(handler: ControlHandler, outDir: string): string {
  const directory = join(outDir, handler);
  if (!bundled.has(outDir) || !existsSync(directory)) bundleAll(outDir);
  bundled.add(outDir);
  return directory;
}

function bundleAll(outDir: string): void {
  const outdir = resolve(outDir);
  const { outputFiles, metafile } = buildSync({
    ...functionBundleOptions,
    entryPoints: Object.fromEntries(
      controlHandlers.map((handler) => [handler, join(handlersDirectory, `${handler}${runsFromSource ? '.ts' : '.js'}`)]),
    ),
    outdir,
    write: false,
    metafile: true,
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
  });
  const contents = new Map(outputFiles.map((file) => [file.path, file.contents]));
  const inOutputs = (name: string): string => relative(ownPackageRoot, join(outdir, name));
  for (const handler of controlHandlers) {
    const directory = join(outdir, handler);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const output of loadedBy(inOutputs(`${handler}.mjs`), metafile.outputs)) {
      for (const path of [output, `${output}.map`]) {
        writeFileSync(join(directory, basename(path)), contents.get(resolve(ownPackageRoot, path)) ?? '');
      }
    }
  }
}

/** An output and all that it imports, at once or later. */
function loadedBy(entry: string, outputs: Metafile['outputs']): ReadonlySet<string> {
  const found = new Set<string>([entry]);
  for (const output of found) {
    for (const { path, external } of outputs[output]?.imports ?? []) if (external !== true) found.add(path);
  }
  return found;
}
