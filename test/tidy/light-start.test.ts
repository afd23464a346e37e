// Catches a module that is loaded with the command line's grammar: every verb would wait for it, and `weir init`, which runs on
// older versions of Node than jobs do, would fail for what only jobs need.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Imports of values, however many lines they take; those of types are gone when the code runs. */
const imports = /^(?:import|export) (?!type\b)(?:[^;']* from )?'([^']+)';/gm;

/** The files that are loaded with this one, from the root, and the packages. */
function loadedWith(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  for (const [, specifier] of readFileSync(join(root, file), 'utf8').matchAll(imports)) {
    const imported = specifier!.startsWith('.') ? relative(root, join(root, dirname(file), specifier!)) : specifier!;
    if (found.has(imported)) continue;
    found.add(imported);
    if (specifier!.startsWith('.')) loadedWith(imported, found);
  }
  return found;
}

describe('what is loaded at the start', () => {
  it.each(['src/cli/main.ts', 'src/cli/init/init-command.ts', 'src/cli/explain-command.ts'])(
    'of %s is the grammar and little else',
    (file) => {
      const loaded = [...loadedWith(file)];
      expect(loaded.length).toBeGreaterThan(3);
      const light = /^(src\/(base|cli)\/|src\/program\/own-package\.ts$|node:|commander$|picocolors$)/;
      expect(loaded.filter((each) => !light.test(each))).toEqual([]);
      expect(loaded.filter((each) => each === 'node:zlib')).toEqual([]);
    },
  );
});
