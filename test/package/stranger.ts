/** Somebody who has Node from version 20 on and npm, an empty folder, and nothing of this repository. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Stranger implements Disposable {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), 'weir-stranger-')));

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  read(...parts: readonly string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Runs a command in `folder`, wherever that leads; throws if it fails, with all it has said. */
  async does(folder: string, ...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tries(folder, ...words);
    if (code !== 0) throw new Error(`"${words.join(' ')}" ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** As `does`, but a failure is a result too. */
  tries(folder: string, ...words: readonly string[]): Promise<Said> {
    return run(this.path(folder), words, strangersEnvironment());
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function run(cwd: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  const [program = '', ...rest] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** What a login shell has and what the network takes here: nothing of the test runner, of npm's scripts, or of this repository's tools. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const kept = /^(HOME|USER|LANG|TMPDIR|NPM_CONFIG_\w+|npm_config_registry|(HTTPS?|NO)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+)$/i;
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name))),
    PATH: path.join(delimiter),
    // What was fetched once is not asked for again, and nobody is told of what tests do.
    npm_config_prefer_offline: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}
