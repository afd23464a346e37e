/** The pages about errors that come with this package: `docs/errors/<CODE>.md`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPackageRoot } from '../program/own-package.ts';

const directory = join(ownPackageRoot, 'docs', 'errors');

/** Every code that has a page, in alphabetical order. */
export function errorCodes(): readonly string[] {
  return readdirSync(directory)
    .filter((file) => /^[A-Z][A-Z_]*\.md$/.test(file) && file !== 'README.md')
    .map((file) => file.slice(0, -'.md'.length))
    .sort();
}

/** Codes of our own have one; those of errors that a job throws itself need not. */
export const hasErrorPage = (code: string): boolean => /^[A-Z][A-Z_]*$/.test(code) && existsSync(pathOf(code));

/** The page of a code, as Markdown. Only for codes that have one. */
export const errorPage = (code: string): string => readFileSync(pathOf(code), 'utf8');

const pathOf = (code: string): string => join(directory, `${code}.md`);

/** What a page says the error means: the first paragraph below its title. */
export const meaningOf = (page: string): string => page.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? '';
