import type { BuildOptions, Plugin } from 'esbuild';
import { ownPackageRoot, runsFromSource } from './own-package.ts';

/** CommonJS packages inside the bundle may call `require` for modules of Node. On the global object, where no declaration of the user's can collide with it. */
const requireForCommonJs = 'import{createRequire as __weirRequire}from"node:module";globalThis.require??=__weirRequire(import.meta.url);';

/** How everything is bundled that runs as a function: one directory of ES modules with everything inside. */
export const functionBundleOptions = {
  absWorkingDir: ownPackageRoot,
  // Without esbuild's own condition `module`: it would read a package's many small files instead of one.
  conditions: runsFromSource ? ['weir-source'] : [],
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifyWhitespace: true,
  legalComments: 'none',
  banner: { js: requireForCommonJs },
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Of a job with the handlers that run it. Whitespace goes, names stay, so that stacks can be read; linked source maps leave
 * the sources out, which would be half of what a cold start reads. Inline ones have all that a debugger wants.
 */
export function esbuildOptions(
  jobFile: string,
  entries: Readonly<Record<string, string>>,
  outdir: string,
  sourceMaps: 'linked' | 'inline',
) {
  return {
    ...functionBundleOptions,
    entryPoints: { ...entries, job: jobFile },
    plugins: [resolveJob(jobFile), resolveOwnPackage],
    outdir,
    write: false,
    metafile: true,
    sourcemap: sourceMaps,
    sourcesContent: sourceMaps === 'inline',
  } as const satisfies BuildOptions;
}

const resolveJob = (jobFile: string): Plugin => ({
  name: 'weir-job',
  setup(build) {
    build.onResolve({ filter: /^weir:job$/ }, () => ({ path: jobFile }));
  },
});

/** Job files find the SDK wherever they lie, and it is the one that bundles them. */
const resolveOwnPackage: Plugin = {
  name: 'weir-own-package',
  setup(build) {
    build.onResolve({ filter: /^weir-streams(\/|$)/ }, ({ path, kind, resolveDir }) =>
      resolveDir === ownPackageRoot ? undefined : build.resolve(path, { kind, resolveDir: ownPackageRoot }),
    );
  },
};
