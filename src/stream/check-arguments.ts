import type { StandardSchemaV1 } from '@standard-schema/spec';
import { WeirError } from '../base/errors.ts';
import { knownArguments } from './known-arguments.ts';

interface HasArguments {
  readonly name: string;
  readonly args: StandardSchemaV1 | undefined;
}

/**
 * What `build` gets, from the arguments as they were written: checked, and with the schema's defaults and conversions.
 * A job without a schema takes none. Arguments that a schema of an object doesn't know are refused, unless it lets them
 * through (zod's looseObject). Throws INVALID_ARGUMENTS with every problem, or ASYNC_ARGUMENTS.
 */
export function checkArguments(job: HasArguments, args: unknown): unknown {
  const given = args ?? {};
  if (job.args === undefined) {
    const names = typeof given === 'object' ? Object.keys(given) : ['(arguments)'];
    if (names.length > 0)
      throw invalidArguments(
        job,
        names.map((name) => ({ path: name, problem: 'is unknown: the job takes no arguments' })),
      );
    return {};
  }
  const result = job.args['~standard'].validate(given);
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new WeirError({
      code: 'ASYNC_ARGUMENTS',
      domain: 'program',
      message: `The arguments of job "${job.name}" must be checked synchronously, but its schema returned a promise.`,
      advice: 'Leave asynchronous checks and conversions out of args.',
    });
  }
  if (result.issues !== undefined) {
    throw invalidArguments(
      job,
      result.issues.map((issue) => ({ path: pathOf(issue), problem: issue.message })),
    );
  }
  refuseUnknown(job, given, result.value);
  return result.value;
}

/** A schema that drops what it does not know would hide a misspelt option: what got lost on the way is looked up. */
function refuseUnknown(job: HasArguments, given: unknown, checked: unknown): void {
  if (typeof given !== 'object' || given === null || typeof checked !== 'object' || checked === null) return;
  const lost = Object.keys(given).filter((name) => !(name in checked));
  if (lost.length === 0) return;
  const known = knownArguments(job.args);
  if (known === undefined) return;
  const unknown = lost.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw invalidArguments(
    job,
    unknown.map((name) => ({ path: name, problem: `is unknown: the job knows ${known.join(', ')}` })),
  );
}

interface Problem {
  readonly path: string;
  readonly problem: string;
}

function invalidArguments(job: HasArguments, problems: readonly Problem[]): WeirError {
  const known = knownArguments(job.args);
  return new WeirError({
    code: 'INVALID_ARGUMENTS',
    domain: 'user',
    message: `The arguments of job "${job.name}" are wrong: ${problems.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`)).join('; ')}.`,
    advice:
      job.args === undefined || known === undefined
        ? 'Give the job what it takes.'
        : `It takes ${known.map((name) => `--${name}`).join(', ')}, after "--".`,
    subject: { job: job.name },
  });
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
