/**
 * Lets the repository's scripts start on whatever Node the machine has, in a fresh clone: installs what
 * package-lock.json lists where it is missing or outdated, then hands over to the Node version the project is made for.
 * Plain JavaScript without dependencies, since it runs before there are any.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
/** The development dependency `node`: the version that runs TypeScript directly. */
const projectNode = join(modules, 'node', 'bin', 'node');

/** Installs the dependencies if need be, in one line of output. Ends the process if that fails. */
export function installDependencies() {
  if (isInstalled()) return;
  process.stderr.write('Installing dependencies (npm ci) ...\n');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, encoding: 'utf8' });
  if (result.status === 0 && isInstalled()) return;
  process.stderr.write(
    `${result.stdout ?? ''}${result.stderr ?? ''}\nnpm ci did not install the dependencies${result.error ? `: ${result.error.message}` : ''}.\n`,
  );
  process.exit(1);
}

/** Compares what is installed with the lock file, version by version; only optional packages may be missing. */
function isInstalled() {
  if (!existsSync(projectNode)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const found = readPackages(join(modules, '.package-lock.json'));
  if (wanted === undefined || found === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const installed = found[path];
    return installed === undefined
      ? entry.optional === true || entry.devOptional === true || entry.peer === true
      : installed.version === entry.version;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** The environment in which `node` is the project's, and the tools of node_modules are found. */
export function projectEnvironment() {
  return { ...process.env, PATH: [join(modules, 'node', 'bin'), join(modules, '.bin'), process.env.PATH].filter(Boolean).join(delimiter) };
}

/** Runs Node of the project's version with these arguments in place of this process: same streams, signals and exit code. */
export function runNode(args, options = {}) {
  return runCommand(options.node ?? projectNode, args, { env: projectEnvironment(), ...options });
}

/** Resolves with the exit code. Signals sent to this process go to the command, which decides about them. */
export function runCommand(command, args, options = {}) {
  const { node: _node, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...rest });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      // A terminal sends an interrupt to the whole group, so that the command has it already.
      process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
    }
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
