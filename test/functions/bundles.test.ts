// Catches: a cold start that reads what it does not need: clients of AWS that no request has asked for yet, zod's locales, the OpenAPI document.
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { routeGroups } from '../../src/control-api/route.ts';
import { functionBundleOptions } from '../../src/program/esbuild-options.ts';

const names = routeGroups.map((group) => `api-${group}`);
let outputs: Metafile['outputs'];

beforeAll(async () => {
  const entryPoints = names.map((name) => fileURLToPath(new URL(`../../functions/${name}.ts`, import.meta.url)));
  const options: BuildOptions = { ...functionBundleOptions, entryPoints, outdir: 'out', write: false, metafile: true, minify: true };
  ({ outputs } = (await build(options)).metafile!);
});

/** What is loaded when the function starts: all that is imported by a statement. */
function loadedBy(name: string): { readonly inputs: readonly string[]; readonly bytes: number } {
  const entry = Object.keys(outputs).find((output) => outputs[output]!.entryPoint === `functions/${name}.ts`)!;
  const loaded = new Set([entry]);
  for (const output of loaded) {
    for (const { path, kind } of outputs[output]!.imports) if (kind === 'import-statement' && path in outputs) loaded.add(path);
  }
  const all = [...loaded].map((output) => outputs[output]!);
  return { inputs: all.flatMap(({ inputs }) => Object.keys(inputs)), bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

describe.each(names)('the start of %s', (name) => {
  it('loads no client of AWS: the first call that needs one does', () => {
    const { inputs } = loadedBy(name);
    expect(inputs.length).toBeGreaterThan(30);
    expect(inputs.filter((input) => /@aws-sdk|@smithy|openapi\.json|zod\/v4\/locales\/(?!en|index)/.test(input))).toEqual([]);
  });

  it('reads at most 400 KB', () => {
    expect(loadedBy(name).bytes).toBeLessThan(400 * 1024);
  });
});
