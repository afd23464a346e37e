import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Said } from './test-deployment.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The command of the CDK, as a user has it, with the variables of this process. */
export function cdk(words: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(repository, 'node_modules', '.bin', 'cdk'), words, {
      cwd: repository,
      env: { ...process.env, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
