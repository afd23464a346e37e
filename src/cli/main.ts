import { CommanderError } from 'commander';
import { WeirError } from '../base/errors.ts';
import { type Configuration, type DeployFlags, type SharedFlags, spelledOut, stateBackendOf, type Verb, weirCommand } from './commands.ts';
import { checkDataDirectory } from './data-directory.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { explainError } from './explain-error.ts';
import { locationOf } from './savepoints/location.ts';
import { Terminal } from './terminal.ts';

/** Runs the command line and gives the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const { own, jobWords } = atSeparator(words);
  const terminal = new Terminal({ json: own.includes('--json') });
  try {
    const verb = parse(own);
    return verb === undefined ? 0 : await perform(verb, jobWords, terminal);
  } catch (thrown) {
    terminal.error(explainError(thrown, own.includes('--verbose')));
    return 1;
  }
}

/** What stands after the first `--` is the job's. */
function atSeparator(words: readonly string[]): { readonly own: readonly string[]; readonly jobWords: readonly string[] } {
  const separator = words.indexOf('--');
  return separator === -1 ? { own: words, jobWords: [] } : { own: words.slice(0, separator), jobWords: words.slice(separator + 1) };
}

/** Nothing if help or the version was asked for, and shown. */
function parse(words: readonly string[]): Verb | undefined {
  let chosen: Verb | undefined;
  const command = weirCommand((verb) => (chosen = verb));
  try {
    command.parse(spelledOut(words), { from: 'user' });
    if (chosen === undefined) command.outputHelp();
    return chosen;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return undefined;
    if (thrown.code === 'commander.help') {
      (command.commands.find((each) => each.name() === words[0]) ?? command).outputHelp();
      return undefined;
    }
    throw badCommand(thrown, words);
  }
}

function badCommand(error: CommanderError, words: readonly string[]): WeirError {
  const isJobsOption = error.code === 'commander.unknownOption' && (words[0] === 'run' || words[0] === 'plan' || words[0] === 'deploy');
  const verb = words[0] !== undefined && !words[0].startsWith('-') ? ` ${words[0]}` : '';
  return new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: error.message.replace(/^error: /, '').replace(/\n/g, ' '),
    advice: isJobsOption
      ? `The job's own options go after --, as in: weir ${words[0]} job.ts -- --input data.json. \`weir ${words[0]} --help\` lists ours.`
      : `\`weir${error.code === 'commander.unknownCommand' ? '' : verb} --help\` lists what there is.`,
    cause: error,
  });
}

/** Whether a verb reads or writes the data directory. */
function keepsData(chosen: Verb): chosen is Extract<Verb, { readonly options: { readonly dataDir: string } }> {
  if (chosen.verb === 'plan' || !('dataDir' in chosen.options)) return false;
  if (chosen.options.endpoint !== undefined && !chosen.verb.startsWith('local ')) return false;
  return !('memory' in chosen.options && chosen.options.memory === true);
}

/** What a verb needs is loaded with it: asking for help should not wait for the embedded cloud. */
async function perform(chosen: Verb, jobWords: readonly string[], terminal: Terminal): Promise<number> {
  if (keepsData(chosen)) checkDataDirectory(chosen.options.dataDir);
  switch (chosen.verb) {
    case 'run': {
      const { options, jobFile } = chosen;
      const stateBackend = stateBackendOf(options.define);
      const { runCommand } = await import('./run-command.ts');
      return runCommand(
        {
          jobWords,
          detached: options.detached === true,
          verbose: options.verbose === true,
          ...(jobFile === undefined ? {} : { jobFile }),
          ...(options.memory === true ? {} : { dataDirectory: options.dataDir }),
          ...endpointIn(options),
          ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
          ...(options.inspect === undefined ? {} : { inspectorPort: options.inspect }),
          ...(options.resume === undefined ? {} : { resume: options.resume }),
          ...(options.fromSavepoint === undefined
            ? {}
            : {
                restore: {
                  path: locationOf(options.fromSavepoint),
                  allowNonRestoredState: options.allowNonRestoredState === true,
                  claimMode: options.claimMode ?? 'no_claim',
                },
              }),
          ...savepointDirectoryOf(options.define),
          ...(stateBackend === undefined ? {} : { stateBackend }),
          ...(options.checkpointInterval === undefined ? {} : { checkpointIntervalMs: options.checkpointInterval }),
        },
        terminal,
      );
    }
    case 'plan': {
      const { options, jobFile } = chosen;
      const { format, parallelism } = options;
      const { planCommand } = await import('./plan-command.ts');
      return planCommand(
        { jobFile, jobWords, format, ...endpointIn(options), ...(parallelism === undefined ? {} : { parallelism }) },
        terminal,
      );
    }
    case 'deploy': {
      const { options, jobFile } = chosen;
      const stateBackend = stateBackendOf(options.define);
      const { deployCommand } = await import('./deploy-command.ts');
      return deployCommand(
        {
          jobFile,
          jobWords,
          dataDirectory: options.dataDir,
          name: options.name,
          mode: options.upgradeMode,
          allowNonRestoredState: options.allowNonRestoredState === true,
          ...endpointIn(options),
          ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
          ...(options.checkpointInterval === undefined ? {} : { checkpointIntervalMs: options.checkpointInterval }),
          ...(stateBackend === undefined ? {} : { stateBackend }),
          ...(options.fromSavepoint === undefined ? {} : { initialSavepointPath: locationOf(options.fromSavepoint) }),
          ...scheduleOf(options),
        },
        terminal,
      );
    }
    case 'deployments': {
      const { options, name } = chosen;
      const { deploymentsCommand } = await import('./deployments-command.ts');
      return deploymentsCommand(
        { dataDirectory: options.dataDir, ...endpointIn(options), ...(name === undefined ? {} : { name }) },
        terminal,
      );
    }
    case 'logs': {
      const { jobId, options } = chosen;
      if (options.endpoint !== undefined) throw logsElsewhere(options.endpoint);
      const { logsCommand } = await import('./logs-command.ts');
      return logsCommand({ dataDirectory: options.dataDir, jobId, follow: options.follow === true }, terminal);
    }
    case 'list': {
      const { options } = chosen;
      const { listCommand } = await import('./list-command.ts');
      return listCommand(
        {
          dataDirectory: options.dataDir,
          ...endpointIn(options),
          running: options.running === true,
          scheduled: options.scheduled === true,
          all: options.all === true,
        },
        terminal,
      );
    }
    case 'init': {
      const { directory, options } = chosen;
      const { initCommand } = await import('./init/init-command.ts');
      return initCommand({ directory, ...(options.name === undefined ? {} : { name: options.name }) }, terminal);
    }
    case 'explain': {
      const { explainCommand } = await import('./explain-command.ts');
      return explainCommand(chosen.code === undefined ? {} : { code: chosen.code }, terminal);
    }
    case 'savepoint':
    case 'savepoint list':
    case 'savepoint inspect':
    case 'savepoint diff':
    case 'savepoint export':
    case 'savepoint migrate':
    case 'gc':
    case 'cancel':
    case 'stop':
    case 'checkpoint':
    case 'checkpoint list':
    case 'operations':
    case 'check': {
      const { performSavepointVerb } = await import('./savepoints/perform.ts');
      return performSavepointVerb(chosen, jobWords, terminal);
    }
    case 'local start':
    case 'local stop':
    case 'local status':
    case 'local serve': {
      const { localCommands } = await import('./local-command.ts');
      return localCommands[chosen.verb](localOptions(chosen.options), terminal);
    }
  }
}

const endpointIn = (options: SharedFlags): { readonly endpoint?: Endpoint } => {
  const endpoint = endpointOf(options, process.env);
  return endpoint === undefined ? {} : { endpoint };
};

const logsElsewhere = (endpoint: string): WeirError =>
  new WeirError({
    code: 'BAD_COMMAND',
    domain: 'user',
    message: `weir logs shows what jobs of a local cloud printed; those at ${endpoint} print into CloudWatch.`,
    advice: 'Look into the log group of the deployment, e.g. with aws logs tail <group> --follow: each line names its job.',
  });

function scheduleOf({ savepointSchedule, savepointTimeZone, savepointKeep, savepointMaxAge }: DeployFlags) {
  if (savepointSchedule === undefined) return {};
  if (savepointSchedule === 'none') return { schedule: null };
  const schedule = {
    expression: savepointSchedule,
    ...(savepointTimeZone === undefined ? {} : { timeZone: savepointTimeZone }),
    ...(savepointKeep === undefined ? {} : { keep: savepointKeep }),
    ...(savepointMaxAge === undefined ? {} : { maxAgeMs: savepointMaxAge * 3_600_000 }),
  };
  return { schedule };
}

const localOptions = (options: { readonly dataDir: string; readonly port?: number; readonly define?: Configuration }) => ({
  dataDirectory: options.dataDir,
  ...(options.port === undefined ? {} : { port: options.port }),
  ...savepointDirectoryOf(options.define),
});

function savepointDirectoryOf(configuration: Configuration = {}): { readonly savepointDirectory?: string } {
  const said = configuration['execution.checkpointing.savepoint-dir'] ?? configuration['state.savepoints.dir'];
  return said === undefined ? {} : { savepointDirectory: locationOf(said) };
}

// Whoever reads may stop reading: what is said then is lost, and what it means is for the command to know.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Once whoever reads it has taken all of it, or reads no more: what a pipe has no room for is not written at once. */
const taken = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.once('close', resolve).write('', () => resolve());
  });

const code = await main(process.argv.slice(2));
await Promise.all([process.stdout, process.stderr].map(taken));
// Sockets that are kept alive for the next request must not keep a finished command waiting.
process.exit(code);
