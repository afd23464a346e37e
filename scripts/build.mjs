/** `npm run build`: JavaScript and declarations of src, functions and infra, into dist. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { installDependencies, projectEnvironment, root, runCommand } from './bootstrap.mjs';

installDependencies();
rmSync(join(root, 'dist'), { recursive: true, force: true });
process.exitCode = await runCommand(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  env: projectEnvironment(),
});
