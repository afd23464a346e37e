/** Pure: a page of Markdown as lines for a terminal. */
export interface PageStyle {
  /** Columns; lines of code may be longer. */
  readonly width: number;
  heading(text: string): string;
  code(text: string): string;
}

const codeIndent = '  ';

/**
 * Headings without their marks, paragraphs broken at the width, fenced code indented and otherwise as it stands. Meant for
 * pages that have only these.
 */
export function renderPage(markdown: string, style: PageStyle): readonly string[] {
  const lines: string[] = [];
  let inCode = false;
  for (const line of markdown.trimEnd().split('\n')) {
    if (line.startsWith('```')) inCode = !inCode;
    else if (inCode) lines.push(style.code(`${codeIndent}${line}`));
    else if (line.startsWith('#')) lines.push(style.heading(line.replace(/^#+ */, '')));
    else lines.push(...wrapped(line, style.width));
  }
  return lines;
}

function wrapped(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
