import { WeirError } from '../../base/errors.ts';
import { endpointOf } from '../endpoint.ts';
import type { SavepointFlags, SavepointVerb } from '../savepoint-grammar.ts';
import type { Terminal } from '../terminal.ts';
import { checkCommand } from './check-command.ts';
import { checkpointListCommand, operationsCommand, savepointListCommand } from './listing-commands.ts';
import {
  type ClientOptions,
  cancelCommand,
  checkpointCommand,
  disposeCommand,
  savepointCommand,
  stopCommand,
} from './savepoint-command.ts';
import { diffCommand, exportCommand, gcCommand, inspectCommand, migrateCommand } from './tool-commands.ts';

/** Carries out a verb around savepoints. */
export async function performSavepointVerb(chosen: SavepointVerb, jobWords: readonly string[], terminal: Terminal): Promise<number> {
  const client = clientOptions(chosen.options);
  const format = chosen.options.type === 'canonical' ? 'CANONICAL' : 'NATIVE';
  switch (chosen.verb) {
    case 'savepoint': {
      const { options, jobId, directory } = chosen;
      if (options.dispose !== undefined)
        return disposeCommand({ ...client, path: options.dispose, force: options.force === true }, terminal);
      return savepointCommand(
        {
          ...client,
          jobId: jobGiven(jobId),
          format,
          detached: options.detached === true,
          ...(directory === undefined ? {} : { directory }),
        },
        terminal,
      );
    }
    case 'cancel': {
      const asked = jobAndDirectory(chosen.jobId, chosen.options.withSavepoint);
      const withSavepoint =
        chosen.options.withSavepoint === undefined
          ? undefined
          : ({ format, ...(asked.directory === undefined ? {} : { directory: asked.directory }) } as const);
      return cancelCommand({ ...client, jobId: asked.jobId, ...(withSavepoint === undefined ? {} : { withSavepoint }) }, terminal);
    }
    case 'stop': {
      const { jobId, directory } = jobAndDirectory(chosen.jobId, chosen.options.savepointPath);
      const { drain, detached } = chosen.options;
      return stopCommand(
        { ...client, jobId, format, drain: drain === true, detached: detached === true, ...(directory === undefined ? {} : { directory }) },
        terminal,
      );
    }
    case 'checkpoint':
      return checkpointCommand({ ...client, jobId: jobGiven(chosen.jobId) }, terminal);
    case 'checkpoint list':
      return checkpointListCommand({ ...client, jobId: jobGiven(chosen.jobId) }, terminal);
    case 'operations':
      return operationsCommand({ ...client, jobId: jobGiven(chosen.jobId), operationId: chosen.operationId }, terminal);
    case 'savepoint list':
      return savepointListCommand({ ...client, jobId: chosen.jobId, all: chosen.options.all === true }, terminal);
    case 'savepoint inspect':
      return inspectCommand({ ...client, path: chosen.path }, terminal);
    case 'savepoint diff':
      return diffCommand({ ...client, path: chosen.path, other: chosen.other }, terminal);
    case 'savepoint export':
      return exportCommand({ ...client, path: chosen.path, other: chosen.other }, terminal);
    case 'savepoint migrate':
      return migrateCommand({ ...client, path: chosen.path, other: chosen.other }, terminal);
    case 'gc':
      return gcCommand({ ...client, dryRun: chosen.options.dryRun === true }, terminal);
    case 'check': {
      const { options, jobFile } = chosen;
      const { parallelism } = options;
      return checkCommand(
        {
          ...client,
          jobFile,
          jobWords,
          path: options.fromSavepoint,
          allowNonRestoredState: options.allowNonRestoredState === true,
          ...(parallelism === undefined ? {} : { parallelism }),
        },
        terminal,
      );
    }
  }
}

function clientOptions(options: SavepointFlags): ClientOptions {
  const endpoint = endpointOf(options, process.env);
  return { dataDirectory: options.dataDir, timeoutMs: options.timeout * 1000, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** `cancel -s X` with a single word takes X for the job, as Flink's client does. */
function jobAndDirectory(
  jobId: string | undefined,
  optional: string | true | undefined,
): { readonly jobId: string; readonly directory?: string } {
  if (jobId === undefined && typeof optional === 'string') return { jobId: jobGiven(optional) };
  return { jobId: jobGiven(jobId), ...(typeof optional === 'string' ? { directory: optional } : {}) };
}

/** Refused here, before anybody is asked. */
function jobGiven(jobId: string | undefined): string {
  if (jobId !== undefined && /^[0-9a-f]{32}$/.test(jobId)) return jobId;
  throw new WeirError({
    code: 'INVALID_JOB_ID',
    domain: 'user',
    message: jobId === undefined ? 'The id of a job is missing.' : `A job id is 32 hex digits, but this is "${jobId}".`,
    advice: '`weir list -a` shows the jobs that are known here.',
  });
}
