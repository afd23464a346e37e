// Whoever meets an error looks its code up: a code without a page leaves him alone, a page without a code misleads.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from './source-files.ts';

const folder = fileURLToPath(new URL('../../docs/errors/', import.meta.url));
const introduction = 'README.md';

const pages: readonly string[] = readdirSync(folder)
  .filter((file) => file !== introduction)
  .map((file) => file.replace(/\.md$/, ''))
  .sort();

/** All that a property `code` is given in the sources, also by `? :` and `??`. */
function codesIn(text: string): readonly string[] {
  return [...text.matchAll(/\bcode: ([^,}\n]*)/g)].flatMap(([, value]) =>
    [...value!.matchAll(/'([A-Z][A-Z_]+)'/g)].map(([, code]) => code!),
  );
}

const codes = [...new Set(sourceFiles('src', 'functions').flatMap((file) => codesIn(file.text)))].sort();

describe('pages of errors', () => {
  it('are one for each code in the sources', () => {
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !pages.includes(code))).toEqual([]);
  });

  it('are of codes that still exist', () => {
    expect(pages.filter((page) => !codes.includes(page))).toEqual([]);
  });

  it('say what the error means, show it, and say how it comes about and what to do', () => {
    const form = /^# ([A-Z_]+)\n\n\S[^\n]+\n\n```text\n[^\n]+\n```\n\n## How it comes about\n\n\S[^\n]+\n\n## What to do\n\n\S[^\n]+\n$/;
    const headings = pages.map((page) => form.exec(readFileSync(`${folder}${page}.md`, 'utf8'))?.[1] ?? `${page}: of another form`);
    expect(headings).toEqual(pages);
  });

  it('are found by their code: links between them lead somewhere', () => {
    const links = pages.flatMap((page) =>
      [...readFileSync(`${folder}${page}.md`, 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!),
    );
    expect(links.filter((link) => !pages.includes(link.replace(/\.md$/, '')))).toEqual([]);
  });

  it('are asked for by the ways in which code names a code', () => {
    expect(
      codesIn("{ code: 'ONE', a }\ncode: missing ? 'TWO' : 'THREE',\ncode: known?.code ?? 'FOUR',\nif (error.code === 'FIVE')"),
    ).toEqual(['ONE', 'TWO', 'THREE', 'FOUR']);
  });
});
