/** A project of somebody who has installed the package: compiled, with the files that are published and no others. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './code-blocks.ts';

const run = promisify(execFile);
const tool = (name: string): string => join(root, 'node_modules', '.bin', name);

export interface Said {
  readonly code: number | null;
  /** Standard output and standard error, as a terminal shows them. */
  readonly output: string;
}

export class InstalledProject implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'weir-project-'));

  static async create(): Promise<InstalledProject> {
    const project = new InstalledProject();
    await project.#install();
    return project;
  }

  /** Writes a file below the project's directory. */
  write(name: string, text: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What the compiler says about the project, under strict rules; nothing if it is content. */
  async typeErrors(): Promise<string> {
    this.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          ...{ target: 'es2024', module: 'nodenext', types: ['node'], strict: true, noUncheckedIndexedAccess: true },
          ...{
            noImplicitReturns: false,
            allowImportingTsExtensions: true,
            erasableSyntaxOnly: true,
            verbatimModuleSyntax: true,
            noEmit: true,
          },
        },
      }),
    );
    try {
      await run(tool('tsc'), ['-p', '.'], { cwd: this.directory });
      return '';
    } catch (thrown) {
      return String((thrown as { readonly stdout?: string }).stdout ?? thrown);
    }
  }

  /** Runs a program of Node; `onOutput` sees what it has said so far and may end it by an interrupt, as Ctrl+C does. */
  node(words: readonly string[], onOutput: (output: string, interrupt: () => void) => void = () => undefined): Promise<Said> {
    const child = spawn(process.execPath, words, { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'], env: plainEnvironment() });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        output += part.toString();
        onOutput(output, () => child.kill('SIGINT'));
      });
    }
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  }

  weir(words: readonly string[], onOutput?: (output: string, interrupt: () => void) => void): Promise<Said> {
    return this.node([join(this.directory, 'node_modules', 'weir-streams', 'scripts', 'weir.mjs'), ...words], onOutput);
  }

  async shell(command: string): Promise<string> {
    return (await run('sh', ['-c', command], { cwd: this.directory })).stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #install(): Promise<void> {
    const modules = join(this.directory, 'node_modules');
    const own = join(modules, 'weir-streams');
    mkdirSync(own, { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly files: readonly string[] };
    for (const published of ['package.json', ...files.filter((name) => name !== 'dist')]) {
      cpSync(join(root, published), join(own, published), { recursive: true });
    }
    await run(tool('tsc'), ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(own, 'dist')], { cwd: root });
    this.write('package.json', JSON.stringify({ name: 'project', type: 'module' }));
  }
}

/** Of a shell: nothing of the test runner's. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, FORCE_COLOR: _color, ...rest } = process.env;
  return rest;
}
