// Holds the table of rooms: an import that goes the wrong way is found here, not by whoever has to move the code later.
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileTable, importTable, type RoomRule } from './import-table.ts';
import { sourceFiles } from './source-files.ts';

/** `import ... from`, `export ... from` and `import(...)`, with what stands before the specifier. */
const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s)?([^'";]*?)\bfrom\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/g;

interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

function importsOf(text: string): readonly Import[] {
  return [...text.matchAll(importPattern)].map(([, , type, names, from, bare, dynamic]) => ({
    specifier: from ?? bare ?? dynamic ?? '',
    typesOnly: type !== undefined || namedAllTypes(names ?? ''),
  }));
}

/** `{ type A, type B }`: with nothing else between the braces. */
function namedAllTypes(names: string): boolean {
  const list = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
  if (list === undefined) return false;
  const parts = list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => part.startsWith('type '));
}

const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

function offences(path: string, text: string): readonly string[] {
  const room = roomOf(path);
  const rule: RoomRule | undefined =
    fileTable.find(({ pattern }) => pattern.test(path))?.rule ?? (room === undefined ? undefined : importTable[room]);
  if (rule === undefined) return [];
  return importsOf(text).flatMap(({ specifier, typesOnly }) => {
    if (specifier.startsWith('weir-streams')) return [`${path} imports ${specifier}: inside src, imports are relative`];
    if (!specifier.startsWith('.')) return [];
    const target = posix.join(posix.dirname(path), specifier);
    const to = roomOf(target);
    if (to === undefined && rule.files?.includes(target)) return [];
    if (to === undefined) return [`${path} imports ${target}, which is outside of the rooms`];
    if (to === room || to === 'base' || rule.imports.includes(to) || (typesOnly && rule.types?.includes(to))) return [];
    return [`${path} imports ${rule.types?.includes(to) ? `more than types of ${to}` : to}: ${target}`];
  });
}

describe('the table of rooms', () => {
  it('is kept by every import of src', () => {
    const files = sourceFiles('src');
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => offences(file.path, file.text))).toEqual([]);
  });

  it('lists every room but testing, which may import any', () => {
    const rooms = new Set(sourceFiles('src').flatMap((file) => roomOf(file.path) ?? []));
    rooms.delete('testing');
    expect([...rooms].filter((room) => importTable[room] === undefined)).toEqual([]);
  });

  it('makes production code import nothing of testing', () => {
    const found = sourceFiles('src', 'functions', 'infra')
      .filter((file) => !file.path.startsWith('src/testing/'))
      .filter((file) => importsOf(file.text).some(({ specifier }) => /(^|\/)testing\//.test(specifier)));
    expect(found.map((file) => file.path)).toEqual([]);
  });

  it('sees imports of every form', () => {
    const text =
      "import a from './a.ts';\nimport type { B } from './b.ts';\nimport { type C } from './c.ts';\nexport * from './d.ts';\nimport './e.ts';\nawait import('./f.ts');\nimport {\n  g,\n  type G,\n} from './g.ts';\n";
    expect(importsOf(text).map(({ specifier, typesOnly }) => `${specifier}${typesOnly ? ' types' : ''}`)).toEqual([
      './a.ts',
      './b.ts types',
      './c.ts types',
      './d.ts',
      './e.ts',
      './f.ts',
      './g.ts',
    ]);
  });

  it('finds an import that goes the wrong way', () => {
    expect(offences('src/stream/x.ts', "import { awsCloud } from '../cloud/aws/index.ts';")).toHaveLength(1);
    expect(offences('src/stream/x.ts', "import type { Cloud } from '../cloud/index.ts';")).toEqual([]);
    expect(offences('src/base/x.ts', "import { y } from '../graph/ids.ts';")).toHaveLength(1);
  });
});
