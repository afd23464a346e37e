// A guide whose code does not compile, or whose commands say something else, is worse than none. The blocks are checked in
// a project that has the package installed as it is published, so that what is missing there is found here too.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodeBlock, codeBlocks, isWhole, root, textOf, userPages } from './code-blocks.ts';
import { InstalledProject, type Said } from './installed-project.ts';

const blocks = userPages().flatMap(codeBlocks);
const typescript = blocks.filter(({ language }) => language === 'ts');
const placeOf = ({ page, line }: CodeBlock): string => `${page}:${line}`;

let project: InstalledProject;

beforeAll(async () => {
  project = await InstalledProject.create();
});
afterAll(() => project[Symbol.dispose]());

/** The file of this name that a reader has who came this far: of the same page, or of the first guide. */
function fileBefore(block: CodeBlock, file: string): string {
  const before = (page: string, line: number) => codeBlocks(page).findLast((each) => each.file === file && each.line < line)?.text;
  return before(block.page, block.line) ?? before('docs/first-job.md', Number.POSITIVE_INFINITY)!;
}

describe('the TypeScript of the pages', () => {
  it('compiles where it is a whole file', async () => {
    const whole = typescript.filter(isWhole);
    expect(whole.length).toBeGreaterThan(6);
    for (const block of whole) {
      const folder = `blocks/${block.page.replaceAll(/[/.]/g, '-')}-line-${block.line}`;
      for (const [, file] of block.text.matchAll(/from '\.\/([^']+)'/g)) project.write(`${folder}/${file}`, fileBefore(block, file!));
      project.write(`${folder}/${block.file ?? 'block.ts'}`, block.text);
    }
    expect(await project.typeErrors()).toBe('');
  });

  it('stands in an example, or in a whole file of a page, where it is an excerpt', () => {
    const flat = (text: string): string =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .join('\n');
    const jobs = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const sources = [
      ...jobs.map(({ name }) => textOf(`examples/${name}/job.ts`)),
      ...typescript.filter(isWhole).map(({ text }) => text),
    ].map(flat);
    const excerpts = typescript.filter((block) => !isWhole(block));
    expect(excerpts.length).toBeGreaterThan(4);
    expect(excerpts.filter(({ text }) => !sources.some((source) => source.includes(flat(text)))).map(placeOf)).toEqual([]);
  });
});

/** What differs from run to run: ids, times, rates, sizes, and in how many epochs the input was read. */
const settled = (output: string): readonly string[] =>
  output
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('epoch '))
    .map((line) =>
      line
        .replace('^C', '')
        .replaceAll(/\b[0-9a-f]{32}\b/g, '<id>')
        .replace(/after [^:]+: /, 'after <time>: ')
        .replace(/\d+ checkpoints?/, '<n> checkpoints')
        .replace(/as of checkpoint \d+/, 'as of checkpoint <n>')
        .replace(/ \([\d.]+ms\)$/, ''),
    );

const weirWords = (command: string): readonly string[] =>
  command
    .trim()
    .replace(/^npx weir /, '')
    .split(/ +/);

describe('the word count of the README', () => {
  const texts = { 'a.txt': 'Über die Brücke, ÜBER die brücke;\nна мосту На мосту\n', 'b.md': 'The weir’s 3 weirs\r\n\r\nÉté été the' };

  /** What is no letter divides words. */
  const plainCounts = (text: string): readonly string[] => {
    const words = text
      .toLowerCase()
      .split(/[^\p{L}]+/u)
      .filter((word) => word !== '');
    return [...new Set(words)].map((word) => JSON.stringify({ word, count: words.filter((each) => each === word).length })).sort();
  };

  it.each([
    ['a file', 'texts/a.txt', texts['a.txt']],
    ['a directory', 'texts', Object.values(texts).join('\n')],
  ])('counts the words of %s', async (_, input, text) => {
    project.write('word-count/job.ts', codeBlocks('README.md').find(({ text: job }) => job.includes("name: 'word-count'"))!.text);
    for (const [name, each] of Object.entries(texts)) project.write(`word-count/texts/${name}`, each);
    const { code, output } = await project.weir([
      'run',
      'word-count/job.ts',
      '--memory',
      '-p',
      '2',
      '--',
      '--input',
      `word-count/${input}`,
      '--output',
      `counts/${input}`,
    ]);
    expect(code, output).toBe(0);
    const lines = await project.shell(`cat counts/${input}/part-*`);
    expect(lines.trimEnd().split('\n').sort()).toEqual(plainCounts(text));
  });
});

describe('the first guide', () => {
  it('says what its commands say, from the first to the last', async () => {
    const guide = codeBlocks('docs/first-job.md');
    let jobId = '';
    let commands = 0;
    for (const [index, block] of guide.entries()) {
      if (block.file !== undefined) project.write(block.file, block.text);
      if (block.language !== 'sh' || block.text.startsWith('npm ')) continue;
      commands += 1;
      const shown = guide[index + 1]!.text;
      if (!block.text.startsWith('npx weir ')) {
        expect(await project.shell(block.text), placeOf(block)).toBe(shown);
        continue;
      }
      const said = await runShown(block.text, jobId, shown.includes('^C'));
      jobId = /JobID (\w+)/.exec(said.output)?.[1] ?? jobId;
      expect(settled(said.output), placeOf(block)).toEqual(settled(shown));
      expect(said.code, placeOf(block)).toBe(shown.includes('^C') ? 130 : shown.startsWith('error') ? 1 : 0);
    }
    expect(commands).toBe(6);
    const records = (await project.shell('cat records/part-*')).trimEnd().split('\n');
    expect(new Set(records).size).toBe(64);
  });

  /** As shown, with the id that the job has here, and at a pace that makes no reader wait. */
  function runShown(command: string, jobId: string, interrupted: boolean): Promise<Said> {
    const words = weirWords(command.replace('--rate 2000', '--rate 8000').replace('-interval 1000', '-interval 250'));
    const own = words.map((word) => (/^[0-9a-f]{32}$/.test(word) ? jobId : word));
    return project.weir(own, (output, interrupt) => (interrupted && /^epoch 2 /m.test(output) ? interrupt() : undefined));
  }
});

describe('the guide to time', () => {
  it('shows a job that gives the latest reading of each hour, and puts aside what comes later', async () => {
    const job = codeBlocks('docs/time.md').find(isWhole)!;
    const minute = 60_000;
    const readings = [1, 59, 58, 61, 57, 62, 65].map((at, value) => ({ sensor: 'a', at: at * minute, value }));
    project.write('time/job.ts', job.text);
    project.write(
      'time/run.ts',
      `import { simulateJob } from 'weir-streams/testing';
import job from './job.ts';
const input = ${JSON.stringify(readings.map((each) => `${JSON.stringify(each)}\n`).join(''))};
const args = { input: 'file:///in.ndjson', output: 'file:///out', late: 'file:///late' };
const result = await simulateJob(job, { args, files: { 'file:///in.ndjson': input } });
const valuesIn = (uri: string) => Object.values(result.files(uri)).join('').trimEnd().split('\\n').map((line) => JSON.parse(line).value);
console.log(JSON.stringify({ status: result.status, out: valuesIn('file:///out'), late: valuesIn('file:///late') }));
`,
    );
    const { output } = await project.node(['time/run.ts']);
    expect(JSON.parse(output)).toEqual({ status: 'FINISHED', out: [1, 6], late: [4] });
  });
});

describe('the guide to testing', () => {
  it('shows a test that passes', async () => {
    const [test, command, shown] = codeBlocks('docs/testing.md');
    expect(command!.text.trim()).toBe('node --test');
    project.write('job.ts', fileBefore(test!, 'job.ts'));
    project.write(test!.file!, test!.text);
    const { code, output } = await project.node(['--test', '--test-reporter=spec', test!.file!]);
    expect(code, output).toBe(0);
    expect(settled(output).filter((line) => line.startsWith('✔'))).toEqual(settled(shown!.text));
  });
});
