import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SharedFlags } from './commands.ts';

/** The verbs around savepoints, in their parsed form. */
export type SavepointVerb =
  | {
      readonly verb: 'savepoint';
      readonly options: SavepointFlags & { readonly detached?: true; readonly dispose?: string; readonly force?: true };
      readonly jobId?: string;
      readonly directory?: string;
    }
  | { readonly verb: 'cancel'; readonly options: SavepointFlags & { readonly withSavepoint?: string | true }; readonly jobId?: string }
  | {
      readonly verb: 'stop';
      readonly options: SavepointFlags & { readonly savepointPath?: string | true; readonly drain?: true; readonly detached?: true };
      readonly jobId?: string;
    }
  | { readonly verb: 'checkpoint' | 'checkpoint list'; readonly options: SavepointFlags; readonly jobId: string }
  | { readonly verb: 'operations'; readonly options: SavepointFlags; readonly jobId: string; readonly operationId?: string }
  | { readonly verb: 'savepoint list'; readonly options: SavepointFlags & { readonly all?: true }; readonly jobId?: string }
  | { readonly verb: 'savepoint inspect'; readonly options: SavepointFlags; readonly path: string }
  | {
      readonly verb: 'savepoint diff' | 'savepoint export' | 'savepoint migrate';
      readonly options: SavepointFlags;
      readonly path: string;
      readonly other: string;
    }
  | { readonly verb: 'check'; readonly options: CheckFlags; readonly jobFile: string }
  | { readonly verb: 'gc'; readonly options: SavepointFlags & { readonly dryRun?: true } };

export interface SavepointFlags extends SharedFlags {
  readonly type: 'native' | 'canonical';
  /** Seconds. */
  readonly timeout: number;
}

export interface CheckFlags extends SavepointFlags {
  readonly fromSavepoint: string;
  readonly allowNonRestoredState?: true;
  readonly parallelism?: number;
}

const defaultTimeoutSeconds = 60;

type Choose = (verb: SavepointVerb) => void;
type Share = (command: Command) => Command;

/** Adds the verbs to the command line's grammar. Names and flags are Flink's where Flink has them. */
export function addSavepointVerbs(weir: Command, shared: Share, choose: Choose): void {
  addSavepoint(weir, shared, choose);
  addEndings(weir, shared, choose);
  addCheckpoint(weir, shared, choose);
  waiting(
    shared(
      weir
        .command('check')
        .description("what a restore would do with every operator's state, touching nothing; exit code 0 if it would go through")
        .argument('<job>', 'file with the job as its default export'),
    )
      .addOption(fromSavepoint().makeOptionMandatory())
      .addOption(allowNonRestoredState())
      .option('-p, --parallelism <number>', 'parallelism of the job', Number),
  ).action((jobFile: string, options: CheckFlags) => choose({ verb: 'check', options, jobFile }));
  waiting(
    shared(
      weir
        .command('gc')
        .description('what lies in the state directories and why; deletes what nothing refers to')
        .option('--dry-run', 'only say what would be deleted'),
    ),
  ).action((options: SavepointFlags & { dryRun?: true }) => choose({ verb: 'gc', options }));
}

function addSavepoint(weir: Command, shared: Share, choose: Choose): void {
  const savepoint = waiting(
    shared(
      weir
        .command('savepoint')
        .description('take a savepoint of a job, or dispose of one')
        .argument('[jobId]')
        .argument('[targetDirectory]', 'a URI or a local path; default: that of the job, else state.savepoints.dir')
        .option('-d, --dispose <path>', 'dispose of the savepoint at this path')
        .option('--force', 'dispose of it although a job may still read from it')
        .option('--detached', 'do not wait for the savepoint'),
    ),
  )
    .enablePositionalOptions()
    .action((jobId: string | undefined, directory: string | undefined, options: SavepointFlags) =>
      choose({ verb: 'savepoint', options, ...(jobId === undefined ? {} : { jobId }), ...(directory === undefined ? {} : { directory }) }),
    );
  const child = (name: string, description: string) => waiting(shared(savepoint.command(name).description(description)));
  child('list', 'savepoints and retained checkpoints that are known here')
    .argument('[jobId]', 'of this job alone')
    .option('-a, --all', 'deleted ones too')
    .action((jobId: string | undefined, options: SavepointFlags) =>
      choose({ verb: 'savepoint list', options, ...(jobId === undefined ? {} : { jobId }) }),
    );
  child('inspect', 'which operator has which state in it')
    .argument('<path>')
    .action((path: string, options: SavepointFlags) => choose({ verb: 'savepoint inspect', options, path }));
  const pairs = [
    ['diff', 'what differs between two savepoints', '<path>', '<other>'],
    ['export', 'copy a savepoint with all its state, so that it stands by itself', '<path>', '<target>'],
    ['migrate', 'rewrite the metadata of an older version, in place or elsewhere', '<path>', '<target>'],
  ] as const;
  for (const [name, description, first, second] of pairs) {
    child(name, description)
      .argument(first)
      .argument(second)
      .action((path: string, other: string, options: SavepointFlags) => choose({ verb: `savepoint ${name}`, options, path, other }));
  }
}

function addEndings(weir: Command, shared: Share, choose: Choose): void {
  waiting(
    shared(
      weir
        .command('cancel')
        .description('end a job at once, or together with a savepoint')
        .argument('[jobId]')
        .option('-s, --withSavepoint [targetDirectory]', 'take a savepoint and cancel: both or neither'),
    ),
  ).action((jobId: string | undefined, options: SavepointFlags) =>
    choose({ verb: 'cancel', options, ...(jobId === undefined ? {} : { jobId }) }),
  );
  waiting(
    shared(
      weir
        .command('stop')
        .description('end a job FINISHED with a savepoint')
        .argument('[jobId]')
        .option('-p, --savepointPath [targetDirectory]', 'where the savepoint goes')
        .option('-d, --drain', 'the final watermark first: timers and windows fire; do not resume from it')
        .option('--detached', 'do not wait for the savepoint'),
    ),
  ).action((jobId: string | undefined, options: SavepointFlags) =>
    choose({ verb: 'stop', options, ...(jobId === undefined ? {} : { jobId }) }),
  );
}

function addCheckpoint(weir: Command, shared: Share, choose: Choose): void {
  const checkpoint = waiting(shared(weir.command('checkpoint').description('take a checkpoint of a job now').argument('<jobId>')))
    .enablePositionalOptions()
    .action((jobId: string, options: SavepointFlags) => choose({ verb: 'checkpoint', options, jobId }));
  waiting(
    shared(checkpoint.command('list').description('retained checkpoints of a job, restorable like savepoints').argument('<jobId>')),
  ).action((jobId: string, options: SavepointFlags) => choose({ verb: 'checkpoint list', options, jobId }));
  waiting(
    shared(
      weir
        .command('operations')
        .description('what was asked of a job, and what came of it')
        .argument('<jobId>')
        .argument('[triggerId]', 'this one alone'),
    ),
  ).action((jobId: string, operationId: string | undefined, options: SavepointFlags) =>
    choose({ verb: 'operations', options, jobId, ...(operationId === undefined ? {} : { operationId }) }),
  );
}

/** Also of `weir run`. */
export const fromSavepoint = (): Option => new Option('-s, --fromSavepoint <path>', 'savepoint or retained checkpoint to begin from');
export const allowNonRestoredState = (): Option =>
  new Option('-n, --allowNonRestoredState', 'leave out state that the program has no operator for');

function waiting(command: Command): Command {
  return command
    .addOption(
      new Option('--type <format>', 'native: points to the checkpoint; canonical: a copy of its own')
        .choices(['native', 'canonical'])
        .default('native'),
    )
    .option('--timeout <seconds>', 'how long to wait for the result', seconds, defaultTimeoutSeconds);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('Expected a number of seconds.');
  return value;
}
