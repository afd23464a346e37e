import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '1.20.5';
const cache = join(homedir(), '.cache', 'weir-tests', `flink-clients-${version}`);
const library = join(cache, 'lib');

export interface Said {
  readonly code: number;
  readonly stdout: string;
  /** Without stack frames and what is said about logging. */
  readonly stderr: string;
}

/** The client with the words of one command; `with` has variables of its environment too. */
export type FlinkCommand = ((...words: readonly string[]) => Promise<Said>) & {
  readonly with: (environment: NodeJS.ProcessEnv) => FlinkCommand;
};

export type Found = { readonly kind: 'found'; readonly client: FlinkClient } | { readonly kind: 'missing'; readonly why: string };

/** The genuine command line of Flink, unmodified: a process of the Java machine for each command. */
export class FlinkClient {
  readonly #java: string;

  private constructor(java: string) {
    this.#java = java;
  }

  /** Brings the client from Maven's repository at the first use on a machine; then it is there. */
  static async find(): Promise<Found> {
    const java = await run('java', ['-version'], {});
    const release = /version "([^"]+)"/.exec(java.stderr)?.[1];
    if (release === undefined) return missing('there is no Java on this machine');
    if (!existsSync(library)) {
      const fetched = await fetchClient();
      if (fetched !== undefined) return missing(fetched);
    }
    return { kind: 'found', client: new FlinkClient(release) };
  }

  /** What Flink's own classes make of JSON texts, as JSON; a line that begins with `failed` where they can't read one. */
  async read(texts: readonly { readonly className: string; readonly json: string }[]): Promise<readonly string[]> {
    const input = texts.map(({ className, json }) => `${className}\t${json}\n`).join('');
    const program = fileURLToPath(new URL('./ReadReplies.java', import.meta.url));
    const { code, stdout, stderr } = await run('java', [...options, '-cp', classPath(), program], {}, input);
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
    return stdout.trimEnd().split('\n');
  }

  /** A client of the control API at `url`, configured in a new folder below `directory`. */
  async at(url: string, directory: string): Promise<FlinkCommand> {
    const { hostname, port } = new URL(url);
    const folder = mkdtempSync(join(directory, 'flink-'));
    // A stumbling client tries every exchange twenty times, for a minute: one is enough to tell.
    const settings = ['rest.address', hostname, 'rest.port', port, 'rest.retry.max-attempts', '1', 'client.timeout', '40s'];
    const lines = settings.flatMap((key, index) => (index % 2 === 0 ? [`${key}: ${settings[index + 1]}\n`] : []));
    writeFileSync(join(folder, 'config.yaml'), lines.join(''));
    const environment = { FLINK_CONF_DIR: folder, TZ: 'UTC' };
    const archive = join(cache, `classes-${this.#java}.jsa`);
    if (!existsSync(archive)) await storeClasses(archive, environment);
    const command = (more: NodeJS.ProcessEnv): FlinkCommand =>
      Object.assign((...words: readonly string[]) => startClient(archive, words, { ...environment, ...more }), { with: command });
    return command({});
  }
}

/** Classes as they stand in memory after a command: a start with them takes half as long. */
async function storeClasses(archive: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const fresh = `${archive}-${process.pid}`;
  await run('java', [...options, `-XX:ArchiveClassesAtExit=${fresh}`, ...commandLine(), 'list'], environment);
  if (existsSync(fresh)) renameSync(fresh, archive);
}

async function startClient(archive: string, words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Said> {
  const stored = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [];
  const said = await run('java', [...options, ...stored, ...commandLine(), ...words], environment);
  const stderr = said.stderr.split('\n').filter((line) => !/^\t(at|\.\.\.) |^SLF4J/.test(line));
  return { ...said, stderr: stderr.join('\n') };
}

const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xlog:disable'];

/** Named one by one, sorted: stored classes are good only for the same path. */
const classPath = (): string =>
  readdirSync(library)
    .toSorted()
    .map((name) => join(library, name))
    .join(':');

const commandLine = (): readonly string[] => ['-cp', classPath(), 'org.apache.flink.client.cli.CliFrontend'];

const missing = (why: string): Found => ({ kind: 'missing', why });

/** Why it is not to be had, or nothing. Whole or not at all, though several may fetch at once. */
async function fetchClient(): Promise<string | undefined> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetching-'));
  const artifact = `<groupId>org.apache.flink</groupId><artifactId>flink-clients</artifactId><version>${version}</version>`;
  const head = '<modelVersion>4.0.0</modelVersion><groupId>weir</groupId><artifactId>flink-client</artifactId><version>1</version>';
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0">${head}<dependencies><dependency>${artifact}</dependency></dependencies></project>`,
  );
  try {
    const words = ['-q', '-B', '-f', join(folder, 'pom.xml'), 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
    const { code, stdout, stderr } = await run('mvn', words, {}, '', 600_000);
    if (code !== 0) {
      const reason = `${stdout}\n${stderr}`.split('\n').find((line) => line.includes('ERROR')) ?? stderr.trim();
      return `Maven can't fetch org.apache.flink:flink-clients:${version}: ${reason.slice(0, 200)}`;
    }
    if (!existsSync(library)) renameSync(join(folder, 'lib'), library);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A program that is not there ends with code 127, as in a shell. */
function run(program: string, words: readonly string[], environment: NodeJS.ProcessEnv, input = '', timeoutMs = 120_000): Promise<Said> {
  return new Promise((resolve) => {
    const settings = { env: { ...process.env, ...environment }, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(program, words, settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: code === 127 ? `${stderr}${error?.message ?? ''}` : stderr });
    });
    // One that is not there, or ends without reading, is judged by its end.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
