#!/usr/bin/env node
/** The `weir` command. Finds a Node that runs it: 24 or later, this one or the one installed beside it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const nodeMajorMin = 24;
/** What runs no job needs no newer Node than npm does, once it is compiled: a project that brings one is still to be made. */
const runsAnywhere = ['init', 'explain', '--help', '-h', '--version', '-V', undefined];
const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src', 'cli', 'main.ts');
const main = existsSync(source) ? source : join(root, 'dist', 'src', 'cli', 'main.js');

if (!existsSync(join(root, 'node_modules')) && main === source) {
  const { installDependencies } = await import('./bootstrap.mjs');
  installDependencies();
}

const isNewEnough = Number(process.versions.node.split('.')[0]) >= nodeMajorMin;
if (isNewEnough || (main !== source && runsAnywhere.includes(process.argv[2]))) {
  process.argv[1] = main;
  // What was compiled once is there the next time: a quarter of what a short command takes.
  nodeModule.enableCompileCache?.();
  await import(pathToFileURL(main).href);
} else {
  const node = nodeNearby();
  if (node === undefined) {
    process.stderr.write(
      `weir needs Node ${nodeMajorMin} or later, but this is ${process.versions.node}.\nInstall a newer Node, or put one beside it: npm install --save-dev node@${nodeMajorMin}\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends an interrupt to the whole group, so that the command has it already.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function nodeNearby() {
  for (const start of [process.cwd(), root]) {
    for (let directory = start; ; directory = dirname(directory)) {
      const candidate = join(directory, 'node_modules', 'node', 'bin', 'node');
      if (existsSync(candidate)) return candidate;
      if (dirname(directory) === directory) break;
    }
  }
  return undefined;
}
