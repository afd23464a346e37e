/** The fenced blocks of the pages that users read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export interface CodeBlock {
  /** From the root, with slashes. */
  readonly page: string;
  readonly line: number;
  /** `ts`, `sh`, `json`; empty for what a program prints. */
  readonly language: string;
  /** What stands behind the language: the name of the file that the block is. */
  readonly file: string | undefined;
  readonly text: string;
}

/** README, guides, connectors and examples; not the pages about how Weir is built, whose names are in capitals. */
export function userPages(): readonly string[] {
  const guides = markdownIn('docs').filter((name) => name === name.toLowerCase() || name === 'README.md');
  const examples = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [
    'README.md',
    ...guides.map((name) => `docs/${name}`),
    ...markdownIn('docs/connectors').map((name) => `docs/connectors/${name}`),
    'examples/README.md',
    ...examples.map(({ name }) => `examples/${name}/README.md`),
  ];
}

const markdownIn = (folder: string): readonly string[] => readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export function codeBlocks(page: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly line: number; readonly words: readonly string[]; readonly lines: string[] } | undefined;
  for (const [index, line] of textOf(page).split('\n').entries()) {
    if (!line.startsWith('```')) open?.lines.push(line);
    else if (open === undefined) open = { line: index + 1, words: line.slice(3).split(' '), lines: [] };
    else {
      const [language = '', file] = open.words;
      blocks.push({ page, line: open.line, language, file, text: open.lines.map((each) => `${each}\n`).join('') });
      open = undefined;
    }
  }
  return blocks;
}

/** A whole file, and not an excerpt of one. */
export const isWhole = (block: CodeBlock): boolean => /^(import|export) /m.test(block.text);
