import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { ownPackageRoot, runsFromSource } from '../../program/own-package.ts';
import { ownVersion } from '../own-version.ts';

/** Where a new project gets this package from. */
export interface PackageSource {
  /** As it stands in the project's package.json: a version, or `file:` and a path from the project. */
  readonly spec: string;
  /** A tarball that has to be made first, by `npm pack` in this directory. */
  readonly packIn?: string;
}

/**
 * From where this one came: a project made by a package of a tarball gets the same tarball, one made in a clone what
 * `npm pack` makes there, and any other the same version from the registry.
 */
export function packageSource(projectDirectory: string): PackageSource {
  const version = ownVersion();
  const tarball = runsFromSource ? join(ownPackageRoot, `weir-streams-${version}.tgz`) : installedTarball();
  if (tarball === undefined) return { spec: version };
  const spec = `file:${relative(projectDirectory, tarball).split(sep).join('/')}`;
  return existsSync(tarball) ? { spec } : { spec, packIn: dirname(tarball) };
}

/** What npm wrote down when it installed this package; nothing if another package manager did. */
function installedTarball(): string | undefined {
  const modules = dirname(ownPackageRoot);
  try {
    const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as InstalledPackages;
    const resolved = packages?.['node_modules/weir-streams']?.resolved;
    if (resolved?.startsWith('file:') !== true) return undefined;
    const path = resolve(dirname(modules), resolved.slice('file:'.length));
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

interface InstalledPackages {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}
