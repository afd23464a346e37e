import { join } from 'node:path';
import { installDependencies, root, runNode } from './bootstrap.mjs';

installDependencies();
process.exitCode = await runNode(['--conditions=weir-source', join(root, 'scripts', 'start.ts'), ...process.argv.slice(2)], { cwd: root });
