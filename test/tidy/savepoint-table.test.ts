// Catches: a row of the README's table about savepoints whose test was renamed or taken away.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../end-to-end/weir-process.ts';

interface Row {
  readonly statement: string;
  readonly test: string;
  readonly file: string;
}

function rowsOf(readme: string): readonly Row[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith('Savepoints, sentence by sentence'));
  const rows = [...(section ?? '').matchAll(/^\| (.+?) +\| \[(.+)\]\((test\/[^)]+)\) *\|$/gm)];
  return rows.map(([, statement, test, file]) => ({ statement: statement!, test: test!, file: file! }));
}

/** The names of the tests of a file, as they are written there. */
function testsIn(file: string): ReadonlySet<string> {
  const text = readFileSync(join(repository, file), 'utf8');
  return new Set([...text.matchAll(/^\s*test\('([^']+)'/gm)].map(([, name]) => name!));
}

describe('the table of savepoints in the README', () => {
  const rows = rowsOf(readFileSync(join(repository, 'README.md'), 'utf8'));

  it('has a row for each statement of the guide', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
  });

  it('names tests that exist', () => {
    expect(rows.filter(({ file, test }) => !testsIn(file).has(test))).toEqual([]);
  });

  it('leaves out none of the tests in these files', () => {
    const named = new Set(rows.map(({ test }) => test));
    const files = new Set(rows.map(({ file }) => file));
    expect([...files].flatMap((file) => [...testsIn(file)].filter((test) => !named.has(test)))).toEqual([]);
  });
});
