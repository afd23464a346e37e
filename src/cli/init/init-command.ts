import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, WeirError } from '../../base/errors.ts';
import type { Terminal } from '../terminal.ts';
import { packageSource } from './package-source.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';
import { projectName } from './project-name.ts';

export interface InitOptions {
  /** Absolute, or relative to the working directory; made if it is not there. */
  readonly directory: string;
  /** Of package, job and stack; by default made of the directory's. */
  readonly name?: string;
}

/** `weir init`: writes a project with a job, its test and a CDK app. Installs nothing. */
export async function initCommand(options: InitOptions, terminal: Terminal): Promise<number> {
  const directory = resolve(options.directory);
  const name = options.name ?? projectName(basename(directory));
  checkEmpty(directory, options.directory);
  const source = packageSource(directory);
  const files = projectFiles({ name, packageSpec: source.spec });
  write(directory, files);
  const pack = source.packIn === undefined ? [] : [step(`(cd ${source.packIn} && npm pack)`, 'makes the package to install')];

  terminal.result(
    [
      `Wrote ${name} to ${directory}: ${files.map(({ path }) => path).join(', ')}.`,
      '',
      'Next:',
      ...pack,
      ...(directory === process.cwd() ? [] : [`  cd ${options.directory}`]),
      step('npm install', 'Weir, and the Node that it runs on'),
      step('npm test', 'runs the job in one process, with and without faults'),
      step('npm start', 'runs it on an AWS on this machine: counts the words of texts into counts'),
      step('npx cdk synth', 'writes what would be deployed; npx cdk deploy deploys it'),
    ],
    { name, directory, files: files.map(({ path }) => path) },
  );
  return 0;
}

const step = (command: string, what: string): string => `  ${command.padEnd(15)} ${what}`;

/** A repository without commits is as good as empty. */
function checkEmpty(directory: string, shown: string): void {
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const found = stats.isDirectory() ? readdirSync(directory).filter((name) => name !== '.git') : [];
  if (stats.isDirectory() && found.length === 0) return;
  const first = found.length === 1 ? `"${found[0]}"` : `"${found.sort()[0]}" and ${found.length - 1} more`;
  throw new WeirError({
    code: 'DIRECTORY_NOT_EMPTY',
    domain: 'user',
    message: `A new project needs an empty directory, but "${shown}" ${stats.isDirectory() ? `has ${first} in it` : 'is a file'}.`,
    advice: 'Name another directory; it is made if it is not there.',
  });
}

function write(directory: string, files: readonly ProjectFile[]): void {
  try {
    for (const { path, text } of files) {
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: 'wx' });
    }
  } catch (cause) {
    throw new WeirError({
      code: 'PROJECT_NOT_WRITTEN',
      domain: 'user',
      message: `The project could not be written to "${directory}": ${messageOf(cause)}.`,
      advice: 'Name a directory that may be written, on a disk with room for it.',
      cause,
    });
  }
}
