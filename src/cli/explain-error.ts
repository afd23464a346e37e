/** Pure: what the command line says about something that was thrown, or about a job that failed. */
import { messageOf, WeirError } from '../base/errors.ts';
import type { JobProgress } from '../control-api/replies.ts';
import { userFrames } from './user-frames.ts';

export interface Explanation {
  readonly code: string;
  /** What happened, on one line. */
  readonly message: string;
  /** What to do, on one line. */
  readonly advice?: string;
  /** The author's own lines of code, or with `verbose` the whole stack. */
  readonly stack: readonly string[];
}

/** Errors are explained, not shown: the stack only on request. */
export function explainError(thrown: unknown, verbose: boolean): Explanation {
  const known = WeirError.is(thrown) ? thrown : undefined;
  return {
    code: known?.code ?? 'UNEXPECTED',
    message: oneLine(messageOf(thrown)),
    ...(known?.advice === undefined ? adviceOnUnknown(known, verbose) : { advice: oneLine(known.advice) }),
    stack: verbose ? stackLines(thrown) : framesOf(known, process.cwd()),
  };
}

const adviceOnUnknown = (known: WeirError | undefined, verbose: boolean): { readonly advice?: string } =>
  known !== undefined || verbose ? {} : { advice: 'The same command with --verbose shows where this comes from.' };

/** What failed in the author's code while it was loaded or built the graph. */
const failuresInAuthorsCode: ReadonlySet<string> = new Set(['JOB_FILE_FAILED', 'BUILD_FAILED']);

/** Whatever is thrown while the author's code is loaded, or builds the graph, points into it. */
function framesOf(known: WeirError | undefined, directory: string): readonly string[] {
  if (known === undefined) return [];
  const inner = failuresInAuthorsCode.has(known.code) && known.cause instanceof Error ? known.cause : known;
  return userFrames(inner.stack ?? '', directory);
}

/** Why a job failed: the cause, where in the input, and for a fault of the program the author's own lines. */
export function explainFailure(
  cause: NonNullable<JobProgress['cause']>,
  options: { readonly verbose: boolean; readonly directory: string },
): Explanation {
  const { message, operator, subtask, position } = cause;
  const isNamed = (name: string | undefined) => name === undefined || message.includes(name);
  const isQuoted = (name: string | undefined) => name === undefined || message.includes(`"${name}"`);
  const where = [
    ...(isQuoted(operator) ? [] : [`operator "${operator}"${subtask === undefined ? '' : `, subtask ${subtask}`}`]),
    ...(isNamed(position) ? [] : [`at ${position}`]),
  ];
  const stack = cause.stack ?? '';
  return {
    code: cause.code,
    message: oneLine(where.length === 0 ? message : `${message.replace(/\.$/, '')} (${where.join(', ')}).`),
    ...(cause.advice === undefined ? {} : { advice: oneLine(cause.advice) }),
    stack: options.verbose ? stack.split('\n') : cause.domain === 'program' ? userFrames(stack, options.directory) : [],
  };
}

function stackLines(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error)) return [];
  const own = (thrown.stack ?? '').split('\n');
  return thrown.cause === undefined ? own : [...own, 'Caused by:', ...stackLines(thrown.cause)];
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
