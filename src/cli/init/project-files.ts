import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ownPackageRoot } from '../../program/own-package.ts';

export interface ProjectSettings {
  /** Of package, job and stack. */
  readonly name: string;
  /** What stands for this package among the dependencies. */
  readonly packageSpec: string;
}

export interface ProjectFile {
  /** From the project's directory, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What a project is made of, as far as our own package.json says it. */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** The name that stands in the templates. */
const templateName = 'my-job';
/** Tools take some files for their own wherever they lie, and npm packs no .gitignore: until they are written they have other names. */
const writtenAs: Readonly<Record<string, string>> = {
  'gitignore.template': '.gitignore',
  'package.template.json': 'package.json',
  'tsconfig.template.json': 'tsconfig.json',
};

/** The files of a new project: those of `templates/project`, with its name and the versions that this package is tested with. */
export function projectFiles(settings: ProjectSettings): readonly ProjectFile[] {
  const directory = join(ownPackageRoot, 'templates', 'project');
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const name = relative(directory, file).split(sep).join('/');
      const path = writtenAs[name] ?? name;
      const text = readFileSync(file, 'utf8').replaceAll(templateName, settings.name);
      return { path, text: path === 'package.json' ? withVersions(text, settings.packageSpec) : text };
    });
}

function withVersions(text: string, packageSpec: string): string {
  const own = JSON.parse(readFileSync(join(ownPackageRoot, 'package.json'), 'utf8')) as Manifest;
  const versions: Readonly<Record<string, string>> = { ...own.devDependencies, ...own.dependencies, 'weir-streams': packageSpec };
  const filled = (names: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.keys(names).map((name): [string, string] => [name, versions[name]!]));
  const project = JSON.parse(text) as Manifest;
  const { dependencies, devDependencies } = project;
  const manifest = {
    ...project,
    dependencies: filled(dependencies),
    devDependencies: filled(devDependencies),
    allowScripts: own.allowScripts,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
