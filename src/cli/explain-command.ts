import { WeirError } from '../base/errors.ts';
import { colorsFor } from './colors.ts';
import { errorCodes, errorPage, meaningOf } from './error-pages.ts';
import { renderPage } from './render-page.ts';
import type { Terminal } from './terminal.ts';

export interface ExplainOptions {
  /** As the user wrote it, in any case; left out: all codes. */
  readonly code?: string;
}

const widthMax = 100;
const similarMax = 3;

/** `weir explain`: the page about an error code, or all codes with what they mean. Reads only this package's own files. */
export async function explainCommand({ code }: ExplainOptions, terminal: Terminal): Promise<number> {
  const codes = errorCodes();
  if (code === undefined) {
    const meanings = codes.map((each) => ({ code: each, meaning: meaningOf(errorPage(each)) }));
    const column = Math.max(...codes.map((each) => each.length));
    terminal.result(
      meanings.map((each) => `${each.code.padEnd(column)}  ${each.meaning}`),
      { errors: meanings },
    );
    return 0;
  }
  const known = code.toUpperCase();
  if (!codes.includes(known)) throw unknownCode(code, similarCodes(known, codes));
  const page = errorPage(known);
  const { bold, dim } = colorsFor(process.stdout);
  const width = Math.min(process.stdout.columns ?? widthMax, widthMax);
  terminal.result(renderPage(page, { width, heading: bold, code: dim }), { code: known, page });
  return 0;
}

/** The codes that have most words in common with this one, and fewest others. */
export function similarCodes(code: string, codes: readonly string[]): readonly string[] {
  const asked = new Set(code.split('_'));
  return codes
    .map((each) => ({ each, words: each.split('_') }))
    .map(({ each, words }) => ({ each, shared: words.filter((word) => asked.has(word)).length, words: words.length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared || a.words - b.words)
    .slice(0, similarMax)
    .map(({ each }) => each);
}

function unknownCode(code: string, similar: readonly string[]): WeirError {
  return new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: `No error has the code "${code}".`,
    advice: `${similar.length === 0 ? '' : `Similar ones: ${similar.join(', ')}. `}\`weir explain\` lists all of them.`,
  });
}
