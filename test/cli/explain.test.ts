// An error code leads to its page, in the terminal and without a network.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/cli/error-pages.ts';
import { similarCodes } from '../../src/cli/explain-command.ts';
import { renderPage } from '../../src/cli/render-page.ts';
import { Workplace } from './weir-process.ts';

let place: Workplace;

beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place[Symbol.asyncDispose]());

const style = { width: 20, heading: (text: string) => `<${text}>`, code: (text: string) => `[${text}]` };

describe('weir explain', () => {
  it('shows the page that an error names in its last line', async () => {
    const { stderr } = await place.weir('run', 'missing.ts');
    const [, words] = / More: weir (explain [A-Z_]+)\n$/.exec(stderr) ?? [];
    const { code, stdout } = await place.weir(...words!.split(' '));
    expect(stdout).toMatch(
      /^JOB_FILE_NOT_FOUND\n\n[^\n#]+\n\n {2}There is no job file "[^\n]+\n\nHow it comes about\n\n[^#]+\n\nWhat to do\n\n[^#]+\n$/,
    );
    expect(code).toBe(0);
  });

  it('lists every code with what it means', async () => {
    const { code, stdout } = await place.weir('explain');
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(errorCodes());
    expect(stdout).toMatch(/^JOB_NOT_FOUND +No job with this id is known here\.$/m);
  });

  it('takes a code in small letters, and gives the page as JSON', async () => {
    const { stdout } = await place.weir('explain', 'job_not_found', '--json');
    expect(JSON.parse(stdout)).toEqual({ code: 'JOB_NOT_FOUND', page: expect.stringMatching(/^# JOB_NOT_FOUND\n/) });
  });

  it('names similar codes where there is none of that name', async () => {
    const { code, stderr } = await place.weir('explain', 'JOB_FOUND');
    expect(stderr).toMatch(/^error: No error has the code "JOB_FOUND"\.\nSimilar ones: .*JOB_NOT_FOUND.*`weir explain` lists all/);
    expect(code).toBe(1);
  });
});

describe('a page for the terminal', () => {
  it('has headings without marks, code as it stands, and paragraphs broken between words', () => {
    const page = '# A_CODE\n\nOne two three four five six.\n\n```text\na line of code that is longer than the page\n```\n';
    expect(renderPage(page, style)).toEqual([
      '<A_CODE>',
      '',
      'One two three four',
      'five six.',
      '',
      '[  a line of code that is longer than the page]',
    ]);
  });

  it('does not break a word that is longer than a line', () => {
    expect(renderPage('a abcdefghijklmnopqrstuvwxyz b', style)).toEqual(['a', 'abcdefghijklmnopqrstuvwxyz', 'b']);
  });
});

describe('similar codes', () => {
  it('are those with most words in common, first those with fewest others', () => {
    expect(similarCodes('JOB_FOUND', ['DISK_FULL', 'JOB_FILE_NOT_FOUND', 'JOB_NOT_FOUND', 'NOT_A_JOB'])).toEqual([
      'JOB_NOT_FOUND',
      'JOB_FILE_NOT_FOUND',
      'NOT_A_JOB',
    ]);
    expect(similarCodes('XYZ', ['DISK_FULL'])).toEqual([]);
  });
});
