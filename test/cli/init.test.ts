// Catches: a new project that lacks a file or a version, one that is written over something, a name that AWS or npm refuses.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { projectName } from '../../src/cli/init/project-name.ts';
import { Workplace } from './weir-process.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const workplace = new Workplace();
afterAll(() => workplace[Symbol.asyncDispose]());

const textOf = (path: string): string => readFileSync(workplace.path(path), 'utf8');

describe('weir init', () => {
  test('writes job, test, CDK app and what they need, under the name of the directory', async () => {
    const { code, stdout, stderr } = await workplace.weir('init', 'Word Counts');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Wrote word-counts to .+\n\nNext:\n(.+npm pack.+\n)? {2}cd Word Counts\n {2}npm install /);
    expect(readdirSync(workplace.path('Word Counts')).sort()).toEqual(
      ['.gitignore', 'README.md', 'app.ts', 'cdk.json', 'job.test.ts', 'job.ts', 'package.json', 'texts', 'tsconfig.json'].sort(),
    );
    expect(textOf('Word Counts/job.ts')).toContain("name: 'word-counts'");
    expect(textOf('Word Counts/app.ts')).toContain("new Stack(app, 'word-counts')");
    expect(textOf('Word Counts/package.json')).toContain('"name": "word-counts"');
  });

  test('gives each dependency a version, those that this package is tested with', async () => {
    await workplace.weir('init', 'versions');
    const { dependencies, devDependencies, allowScripts } = JSON.parse(textOf('versions/package.json')) as Manifest;
    const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;
    const { 'weir-streams': _weir, ...others } = dependencies;
    expect({ ...own.dependencies, ...own.devDependencies }).toMatchObject({ ...others, ...devDependencies });
    expect(devDependencies['node']).toMatch(/^24\./);
    expect(allowScripts).toEqual(own.allowScripts);
  });

  test('takes a name, and an empty directory, be it a repository', async () => {
    mkdirSync(workplace.path('here/.git'), { recursive: true });
    const { code, stdout } = await workplace.weir('init', 'here', '--name', 'other', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'other', files: expect.arrayContaining(['job.ts', '.gitignore']) });
  });

  test('writes over nothing, and says what it found', async () => {
    mkdirSync(workplace.path('full'));
    writeFileSync(workplace.path('full/notes.md'), 'mine\n');
    const full = await workplace.weir('init', 'full');
    expect(full.code).toBe(1);
    expect(full.stderr).toContain('A new project needs an empty directory, but "full" has "notes.md" in it.');
    expect(readdirSync(workplace.path('full'))).toEqual(['notes.md']);
    const file = await workplace.weir('init', 'full/notes.md');
    expect(file.stderr).toContain('but "full/notes.md" is a file.');
    expect((await workplace.weir('init', 'full/notes.md/below')).stderr).toContain('weir explain PROJECT_NOT_WRITTEN');
  });

  test('refuses a name that is good for no package, job and stack', async () => {
    const { code, stderr } = await workplace.weir('init', 'named', '--name', 'Not_good');
    expect(code).toBe(1);
    expect(stderr).toContain('Expected lower-case letters, digits and hyphens, a letter first, 64 at most.');
  });
});

describe('the name of a project', () => {
  test.each([
    ['my-job', 'my-job'],
    ['My Job!', 'my-job'],
    ['_flights.2001_', 'flights-2001'],
    ['a'.repeat(64), 'a'.repeat(64)],
  ])('after the directory %s is %s', (directory, name) => expect(projectName(directory)).toBe(name));

  test.each(['2001', '', '---', 'ж', 'a'.repeat(65)])('is asked for where none can be made of "%s"', (directory) => {
    expect(() => projectName(directory)).toThrow('No project can be named after the directory');
  });
});
