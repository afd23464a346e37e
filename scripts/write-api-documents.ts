/** `npm run api-documents`: docs/openapi.json and the table of docs/rest-api.md, from the table of routes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { version } from '../src/base/version.ts';
import { openApiDocument } from '../src/control-api/open-api.ts';
import type { Route } from '../src/control-api/route.ts';
import { routes } from '../src/control-api/routes.ts';

const named = routes as unknown as Readonly<Record<string, Route>>;

export const openApiFile: string = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
export const pageFile: string = fileURLToPath(new URL('../docs/rest-api.md', import.meta.url));

export const openApiText = (): string => `${JSON.stringify(openApiDocument(named, version), undefined, 1)}\n`;

/** The page with its table as the routes are now. */
export function pageText(before: string): string {
  const rows = Object.values(named).map(({ method, path, group, summary }) => [`${method} ${path}`, group, summary]);
  const table = [['Route', 'Group', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = table.map(line);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const text = [begin, '', head, rule, ...body, '', end].join('\n');
  return before.replace(new RegExp(`${begin}[\\s\\S]*${end}`), () => text);
}

const begin = '<!-- routes -->';
const end = '<!-- end of routes -->';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(openApiFile, openApiText());
  writeFileSync(pageFile, pageText(readFileSync(pageFile, 'utf8')));
}
