/** Runs a tool of node_modules under the project's Node, after installing what is missing: `node scripts/run.mjs tsc --noEmit`. */
import { join } from 'node:path';
import { installDependencies, projectEnvironment, root, runCommand } from './bootstrap.mjs';

const [tool, ...args] = process.argv.slice(2);
installDependencies();
process.exitCode = await runCommand(join(root, 'node_modules', '.bin', tool), args, { cwd: root, env: projectEnvironment() });
