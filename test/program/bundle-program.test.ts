import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { WeirError } from '../../src/base/errors.ts';
import type { ProgramBundle } from '../../src/program/bundle-program.ts';
import { bundleProgram } from '../../src/program/bundle-program.ts';
import { loadJob } from '../../src/program/load-job.ts';
import { buildJob } from '../../src/stream/build-job.ts';

const root = mkdtempSync(join(tmpdir(), 'weir-bundle-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

const handler = `
import definition from 'weir:job';
export const handler = async () => definition.name;
`;

const job = `
import { defineJob } from 'weir-streams';
import { nameOf } from './name.ts';

interface Named { readonly name: string }
export default defineJob({
  name: nameOf({ name: 'bundled' } as Named),
  build() {
    throw new Error('from the job file');
  },
});
`;
const name = `export const nameOf = (named: { readonly name: string }): string => named.name;\n`;

/** A folder of its own with these files, all changed a minute ago. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, 'deep'.repeat(++folders), 'project');
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) write(join(folder, file), text, 60);
  return folder;
}

function write(file: string, text: string, secondsAgo: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const changedAt = statSync(file).mtimeMs / 1000 - secondsAgo;
  utimesSync(file, changedAt, changedAt);
}

const bundle = (folder: string, jobFile = 'job.ts', outDir = join(folder, 'out')): Promise<ProgramBundle> =>
  bundleProgram({
    jobFile: join(folder, jobFile),
    entries: { slot: join(folder, 'slot.ts'), coordinator: join(folder, 'coordinator.ts') },
    outDir,
  });

const project = { 'job.ts': job, 'name.ts': name, 'slot.ts': handler, 'coordinator.ts': handler };

async function errorOf(promise: Promise<unknown>): Promise<WeirError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (WeirError.is(error)) return error;
  throw new Error('No WeirError was thrown.', { cause: error });
}

describe('a bundle', () => {
  test('holds the handlers with the job inside, and the job alone', async () => {
    const made = await bundle(folderOf(project));
    expect(Object.keys(made.entries)).toEqual(['slot', 'coordinator']);
    const slot = (await import(made.entries['slot']!)) as { handler(): Promise<string> };
    expect(await slot.handler()).toBe('bundled');
    expect((await loadJob(made.job)).name).toBe('bundled');
  });

  test('shows errors of the user in the lines he wrote', async () => {
    const folder = folderOf(project);
    const made = await bundle(folder);
    const script = `import definition from ${JSON.stringify(made.job)};\ntry { definition.build(); } catch (error) { console.log(error.stack); }`;
    const stack = execFileSync(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stack).toContain(`${join(folder, 'job.ts')}:9:11`);
  });

  test('has the same id from another folder, another one after a change of code, and names no place', async () => {
    const first = await bundle(folderOf(project));
    const elsewhere = await bundle(folderOf(project));
    const changed = await bundle(folderOf({ ...project, 'name.ts': name.replace('named.name', 'named.name.trim()') }));
    expect(first.programId).toMatch(/^[0-9a-f]{16}$/);
    expect(elsewhere.programId).toBe(first.programId);
    expect(changed.programId).not.toBe(first.programId);
    for (const file of readdirSync(first.directory).filter((each) => each.endsWith('.mjs'))) {
      expect(readFileSync(join(first.directory, file), 'utf8')).not.toContain(root);
    }
  });

  test('has another id when lines move, since the lines of errors do', async () => {
    const first = await bundle(folderOf(project));
    const moved = await bundle(folderOf({ ...project, 'job.ts': `// First of all.\n${job}` }));
    expect(moved.programId).not.toBe(first.programId);
  });

  test('takes CommonJS packages along, with what they require of Node and names that the user took as well', async () => {
    const folder = folderOf({
      ...project,
      'name.ts': `import words from 'words';\nconst require = 1;\nexport const nameOf = (): string => words(require);\n`,
      'node_modules/words/package.json': '{ "name": "words", "main": "index.js" }',
      'node_modules/words/index.js': `const path = require('node:path');\nmodule.exports = (n) => path.join('a', String(n));`,
    });
    expect((await loadJob((await bundle(folder)).job)).name).toBe('a/1');
  });
});

describe('the cache', () => {
  test('gives what is there without bundling again, until a file changes', async () => {
    const folder = folderOf(project);
    const first = await bundle(folder);
    const marker = join(first.directory, 'marker');
    writeFileSync(marker, '');
    expect(await bundle(folder)).toEqual(first);

    write(join(folder, 'name.ts'), name.replace('named.name', 'named.name + "!"'), 30);
    const second = await bundle(folder);
    expect(second.programId).not.toBe(first.programId);
    expect((await loadJob(second.job)).name).toBe('bundled!');
    expect(statSync(marker).isFile(), 'the older bundle is left alone: a job may run it').toBe(true);

    write(join(folder, 'name.ts'), name, 20);
    expect(await bundle(folder)).toEqual(first);
    expect(readdirSync(join(folder, 'out')).filter((entry) => entry.startsWith('.staging'))).toEqual([]);
  });

  test('does not trust a bundle that is gone', async () => {
    const folder = folderOf(project);
    const first = await bundle(folder);
    rmSync(first.directory, { recursive: true });
    expect((await loadJob((await bundle(folder)).job)).name).toBe('bundled');
  });
});

describe('a job file that is none', () => {
  test('because it is not there, or a directory', async () => {
    const folder = folderOf(project);
    expect(await errorOf(bundle(folder, 'jbo.ts'))).toMatchObject({ code: 'JOB_FILE_NOT_FOUND', domain: 'user' });
    expect((await errorOf(bundle(folder, '.'))).message).toContain('is a directory');
  });

  test('because of its syntax, with the place', async () => {
    const error = await errorOf(bundle(folderOf({ ...project, 'job.ts': 'export default {\n  name: = 1,\n};\n' })));
    expect(error).toMatchObject({ code: 'JOB_FILE_INVALID', domain: 'user' });
    expect(error.message).toMatch(/job\.ts:2:9: Unexpected "="$/);
  });

  test('because of an import that leads nowhere', async () => {
    const error = await errorOf(bundle(folderOf({ ...project, 'name.ts': `export { nameOf } from 'no-such-package';\n` })));
    expect(error.message).toMatch(/name\.ts:1:24: Could not resolve "no-such-package"$/);
    expect(error.advice).toBe('Install the package, or correct the path.');
  });

  test('because it has no default export', async () => {
    const error = await errorOf(bundle(folderOf({ ...project, 'job.ts': 'export const job = 1;\n' })));
    expect(error).toMatchObject({ code: 'NOT_A_JOB', domain: 'user' });
    expect(error.message).toContain('is missing');
    expect(error.message).not.toContain('\n');
  });

  test.each([
    ['export default { name: "x" };', 'an object that defineJob did not make'],
    ['export default function start() {}', 'the function "start"'],
    ['export default null;', 'null'],
  ])('because it exports something else: %s', async (text, found) => {
    const made = await bundle(folderOf({ ...project, 'job.ts': text }));
    const error = await errorOf(loadJob(made.job, 'job.ts'));
    expect(error.code).toBe('NOT_A_JOB');
    expect(error.message).toBe(`The default export of job file "job.ts" must be a job, but it is ${found}.`);
    const imported = (await import(made.job)) as { readonly default: never };
    expect(() => buildJob(imported.default, {})).toThrow(`it is ${found}`);
  });

  test('because its top level throws', async () => {
    const made = await bundle(folderOf({ ...project, 'job.ts': 'throw new Error("too early");\nexport default 1;\n' }));
    expect(await errorOf(loadJob(made.job, 'job.ts'))).toMatchObject({
      code: 'JOB_FILE_FAILED',
      message: 'Job file "job.ts" failed while it was loaded: too early',
    });
  });
});
