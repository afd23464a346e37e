// Pages are read one after the other: a link that leads nowhere ends that.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, textOf, userPages } from './code-blocks.ts';

const capitals = readdirSync(join(root, 'docs')).filter((name) => /^[A-Z-]+\.md$/.test(name) && name !== 'README.md');
const pages = [...userPages(), ...capitals.map((name) => `docs/${name}`), 'CONTRIBUTING.md', 'docs/errors/README.md', 'bench/README.md'];

/** As sites that show Markdown make them of headings. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

function linksOf(page: string): readonly { readonly link: string; readonly path: string; readonly anchor: string | undefined }[] {
  const prose = textOf(page).replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^https?:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      return { link: `${page}: ${link}`, path: path === '' ? page : join(dirname(page), path), anchor };
    });
}

describe('links between pages', () => {
  it('lead to files that exist', () => {
    const links = pages.flatMap(linksOf);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ path }) => !existsSync(join(root, path))).map(({ link }) => link)).toEqual([]);
  });

  it('lead to headings that exist', () => {
    const anchored = pages.flatMap(linksOf).filter(({ anchor }) => anchor !== undefined);
    const missing = anchored.filter(({ path, anchor }) => {
      const headings = [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
      return !headings.includes(anchor!);
    });
    expect(missing.map(({ link }) => link)).toEqual([]);
  });

  it('lead from the index to every guide', () => {
    const linked = linksOf('docs/README.md').map(({ path }) => path);
    const guides = userPages().filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(guides.filter((page) => !linked.includes(page))).toEqual([]);
  });

  it('lead from the index of examples to every example', () => {
    const linked = linksOf('examples/README.md').map(({ path }) => path.replace(/\/$/, ''));
    const examples = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(examples.map(({ name }) => `examples/${name}`).filter((path) => !linked.includes(path))).toEqual([]);
  });
});
