import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { StateBackend } from '../protocol/job-description.ts';
import { type Authentication, authentications } from './endpoint.ts';
import { isProjectName, projectNameRule } from './init/project-name.ts';
import { inspectorPortDefault } from './inspector.ts';
import { ownVersion } from './own-version.ts';
import type { PlanFormat } from './plan-command.ts';
import { addSavepointVerbs, allowNonRestoredState, fromSavepoint, type SavepointVerb } from './savepoint-grammar.ts';

/** What the command line asks for: the parsed form of every verb. */
export type Verb =
  | { readonly verb: 'run'; readonly options: RunFlags; readonly jobFile?: string }
  | { readonly verb: 'plan'; readonly options: PlanFlags; readonly jobFile: string }
  | { readonly verb: 'init'; readonly options: { readonly name?: string }; readonly directory: string }
  | { readonly verb: 'explain'; readonly options: { readonly json?: true }; readonly code?: string }
  | { readonly verb: 'logs'; readonly options: SharedFlags & { readonly follow?: true }; readonly jobId: string }
  | { readonly verb: 'list'; readonly options: SharedFlags & { readonly running?: true; readonly scheduled?: true; readonly all?: true } }
  | {
      readonly verb: 'local start' | 'local stop' | 'local status' | 'local serve';
      readonly options: SharedFlags & { readonly port?: number; readonly define?: Configuration };
    }
  | { readonly verb: 'deploy'; readonly options: DeployFlags; readonly jobFile: string }
  | { readonly verb: 'deployments'; readonly options: SharedFlags; readonly name?: string }
  | SavepointVerb;

/** What `-D key=value` sets. */
export type Configuration = Readonly<Record<string, string>>;

export interface SharedFlags {
  readonly dataDir: string;
  /** Of a control API somewhere else. */
  readonly endpoint?: string;
  /** How requests to it say who sends them. */
  readonly auth?: Authentication;
  readonly json?: true;
  readonly verbose?: true;
}

export interface RunFlags extends SharedFlags {
  readonly parallelism?: number;
  readonly detached?: true;
  readonly resume?: string;
  readonly checkpointInterval?: number;
  readonly memory?: true;
  readonly inspect?: number;
  readonly fromSavepoint?: string;
  readonly allowNonRestoredState?: true;
  readonly claimMode?: 'no_claim' | 'claim';
  readonly define?: Configuration;
}

export interface DeployFlags extends SharedFlags {
  readonly name: string;
  readonly upgradeMode: 'savepoint' | 'last-state' | 'stateless' | 'manual';
  readonly parallelism?: number;
  readonly allowNonRestoredState?: true;
  readonly checkpointInterval?: number;
  readonly fromSavepoint?: string;
  /** `none` takes it away. */
  readonly savepointSchedule?: string;
  readonly savepointTimeZone?: string;
  readonly savepointKeep?: number;
  /** Hours. */
  readonly savepointMaxAge?: number;
  readonly define?: Configuration;
}

export interface PlanFlags extends SharedFlags {
  readonly parallelism?: number;
  readonly format: PlanFormat;
}

const planFormats: readonly PlanFormat[] = ['text', 'mermaid', 'flink', 'json'];

/** The command line's grammar. `choose` is called with the verb that was asked for; nothing else happens. */
export function weirCommand(choose: (verb: Verb) => void): Command {
  const weir = new Command('weir')
    .description('Runs stateful stream-processing jobs, with savepoints that behave as those of Apache Flink do.')
    .version(ownVersion())
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => undefined })
    .showSuggestionAfterError();

  weir
    .command('init')
    .description('write a new project: a job, its test, and the CDK app that deploys it')
    .argument('<directory>', 'empty, or not there yet')
    .option('--name <name>', "of package, job and stack; by default the directory's", nameOfProject)
    .option('--json', 'results as JSON')
    .option('--verbose', 'stack traces of errors')
    .action((directory: string, options: { readonly name?: string }) => choose({ verb: 'init', options, directory }));

  shared(
    weir
      .command('run')
      .description("run a job on a local cloud and follow it to its end; the job's own options go after --")
      .argument('[job]', 'file with the job as its default export; at an endpoint, the name of a program')
      .option('-p, --parallelism <number>', 'parallelism of the job', positiveInteger)
      .option('-d, --detached', 'submit to the running local cloud and return')
      .option('--resume <jobId>', 'follow a job that is there already, and drive it to its end')
      .option('--checkpoint-interval <ms>', 'milliseconds from one checkpoint to the next', positiveInteger)
      .addOption(fromSavepoint())
      .addOption(allowNonRestoredState())
      .addOption(
        new Option('--claim-mode <mode>', 'claim: the savepoint goes when the job no longer needs it').choices(['no_claim', 'claim']),
      )
      .addOption(configuration([...savepointKeys, ...backendKeys]))
      .option('--memory', 'keep everything in memory: gone at the end')
      .addOption(new Option('--inspect [port]', 'slots wait for a debugger, slot 0 at this port (9229); no time limits').argParser(port)),
  )
    .addHelpText('after', '\nExample:\n  weir run job.ts -p 2 -- --input data.json --output out')
    .action((jobFile: string | undefined, options: RunFlags) =>
      choose({ verb: 'run', options, ...(jobFile === undefined ? {} : { jobFile }) }),
    );

  shared(
    weir
      .command('plan')
      .description("show the graph that a job would run; the job's own options go after --")
      .argument('<job>', 'file with the job as its default export; at an endpoint, also the name of a program')
      .option('-p, --parallelism <number>', 'parallelism of the job', positiveInteger)
      .addOption(new Option('--format <format>', 'how to show it').choices(planFormats).default('text')),
  ).action((jobFile: string, options: PlanFlags) => choose({ verb: 'plan', options, jobFile }));

  shared(
    weir
      .command('deploy')
      .description("run a job as a named deployment, and move what runs there to a new version; the job's own options go after --")
      .argument('<job>', 'file with the job as its default export')
      .requiredOption('--name <deployment>', 'the named place that one job runs in')
      .addOption(
        new Option('--upgrade-mode <mode>', 'how the new version takes over')
          .choices(['savepoint', 'last-state', 'stateless', 'manual'])
          .default('savepoint'),
      )
      .option('-p, --parallelism <number>', 'parallelism of the job', positiveInteger)
      .option('--checkpoint-interval <ms>', 'milliseconds from one checkpoint to the next', positiveInteger)
      .addOption(fromSavepoint())
      .addOption(allowNonRestoredState())
      .option(
        '--savepoint-schedule <expression>',
        "savepoints by the clock, such as 'cron(0 3 * * ? *)' or 'rate(6 hours)'; none takes it away",
      )
      .option('--savepoint-time-zone <zone>', 'that the schedule is in, such as Europe/Berlin; by default UTC')
      .option('--savepoint-keep <number>', 'so many scheduled savepoints are kept', positiveInteger)
      .option('--savepoint-max-age <hours>', 'older scheduled savepoints go, but for the latest', positiveInteger)
      .addOption(configuration(backendKeys)),
  ).action((jobFile: string, options: DeployFlags) => choose({ verb: 'deploy', options, jobFile }));

  shared(
    weir
      .command('deployments')
      .description('deployments with their job, program, operation in flight and last outcome')
      .argument('[name]', 'one of them, with its scheduled savepoints'),
  ).action((name: string | undefined, options: SharedFlags) =>
    choose({ verb: 'deployments', options, ...(name === undefined ? {} : { name }) }),
  );

  shared(
    weir
      .command('logs')
      .description('show what a job of the local cloud printed: its print() and console.log, each line with operator and subtask')
      .argument('<jobId>', 'as weir list shows it')
      .option('-f, --follow', 'go on with what it prints, until it has ended'),
  ).action((jobId: string, options: SharedFlags & { readonly follow?: true }) => choose({ verb: 'logs', options, jobId }));

  shared(
    weir
      .command('list')
      .description('list jobs, as flink list does')
      .option('-r, --running', 'running and restarting jobs')
      .option('-s, --scheduled', 'scheduled jobs')
      .option('-a, --all', 'all jobs, ended ones too'),
  ).action((options: SharedFlags) => choose({ verb: 'list', options }));

  weir
    .command('explain')
    .description('what an error means, how it comes about and what to do; without a code, all codes')
    .argument('[code]', 'as errors name it, such as JOB_NOT_FOUND')
    .option('--json', 'the page as JSON')
    .option('--verbose', 'stack traces of errors')
    .action((code: string | undefined, options: { readonly json?: true }) =>
      choose({ verb: 'explain', options, ...(code === undefined ? {} : { code }) }),
    );

  addSavepointVerbs(weir, shared, choose);

  const local = weir.command('local').description('the local cloud in the background');
  const localVerbs = [
    ['start', 'start it, unless it runs'],
    ['stop', 'stop it; jobs stay and go on at the next start'],
    ['status', 'whether it runs: exit code 0 or 1'],
    ['serve', 'run it in this process'],
  ] as const;
  for (const [name, description] of localVerbs) {
    const command = shared(local.command(name, { hidden: name === 'serve' }).description(description));
    if (name === 'start' || name === 'serve')
      command
        .option('--port <number>', 'port of the control API on this machine; by default 8081, or any that is free', port)
        .addOption(configuration(savepointKeys));
    command.action((options: SharedFlags) => choose({ verb: `local ${name}`, options }));
  }
  return weir;
}

/** `--inspect` stands alone or is `--inspect=9230`: a word after it is not its port, but the job file. */
export const spelledOut = (words: readonly string[]): readonly string[] =>
  words.map((word) => (word === '--inspect' ? `--inspect=${inspectorPortDefault}` : word));

function shared(command: Command): Command {
  return command
    .option('--data-dir <directory>', 'where the local cloud keeps its data', (value) => resolve(value), resolve('.weir'))
    .addOption(new Option('--endpoint <url>', 'of a control API somewhere else').env('WEIR_ENDPOINT'))
    .addOption(
      new Option(
        '--auth <how>',
        'at the endpoint: iam signs requests, token sends that of WEIR_TOKEN; default: token if there is one, else iam at API Gateway',
      )
        .choices(authentications)
        .env('WEIR_AUTH'),
    )
    .option('--json', 'results as JSON, one object per line')
    .option('--verbose', 'stack traces of errors');
}

/** Flink's `-Dkey=value`, as often as there are keys. */
const configuration = (keys: readonly string[]): Option =>
  new Option('-D, --define <key=value>', 'configuration, such as -D state.savepoints.dir=./savepoints').argParser(
    (text: string, before: Configuration | undefined): Configuration => {
      const at = text.indexOf('=');
      const key = text.slice(0, at).trim();
      if (at === -1 || !keys.includes(key)) {
        throw new InvalidArgumentError(`Expected key=value with one of the keys ${keys.join(', ')}.`);
      }
      const value = text.slice(at + 1).trim();
      if ((backendKeys as readonly string[]).includes(key) && !isStateBackend(value))
        throw new InvalidArgumentError(`Expected one of the state backends ${stateBackends.join(', ')}.`);
      return { ...before, [key]: value };
    },
  );

/** Flink's names, the newer and the older one. */
const savepointKeys = ['execution.checkpointing.savepoint-dir', 'state.savepoints.dir'] as const;
const backendKeys = ['state.backend.type', 'state.backend'] as const;

const stateBackends = ['memory', 'dynamodb', 'filesystem'] as const;
const isStateBackend = (text: string): text is StateBackend => (stateBackends as readonly string[]).includes(text);

/** What `-D` says about where state is kept. */
export const stateBackendOf = (configuration: Configuration = {}): StateBackend | undefined =>
  backendKeys.map((key) => configuration[key]).find((value): value is StateBackend => value !== undefined && isStateBackend(value));

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
}

function nameOfProject(text: string): string {
  if (!isProjectName(text)) throw new InvalidArgumentError(`Expected ${projectNameRule}.`);
  return text;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.');
  return value;
}
