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
  const given: unknown = args ?? {};
  if (typeof given !== 'object' || given === null) {
    throw invalidArguments(job, [{ path: '', problem: `expected an object, found a ${typeof given}` }]);
  }
  if (job.args === undefined) {
    const problems = Object.keys(given).map((name) => ({ path: name, problem: 'is unknown: the job takes no arguments' }));
    if (problems.length > 0) throw invalidArguments(job, problems);
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
    const wrong = result.issues.map((issue) => problemOf(issue, given));
    throw invalidArguments(job, [...wrong, ...unknownAmong(job, Object.keys(given))]);
  }
  // A schema that drops what it does not know would hide a misspelt option. Listing what it knows takes a while, so it is
  // only asked when something got lost.
  const unknown = unknownAmong(job, namesLost(given, result.value));
  if (unknown.length > 0) throw invalidArguments(job, unknown);
  return result.value;
}

function namesLost(given: object, checked: unknown): readonly string[] {
  return typeof checked === 'object' && checked !== null ? Object.keys(given).filter((name) => !(name in checked)) : [];
}

function unknownAmong(job: HasArguments, names: readonly string[]): readonly Problem[] {
  const known = names.length === 0 ? undefined : knownArguments(job.args);
  if (known === undefined || !known.dropsOthers) return [];
  return names.filter((name) => !known.names.includes(name)).map((name) => ({ path: name, problem: 'is unknown' }));
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
        : `It takes ${known.names.map((name) => `--${name}`).join(', ')}, after "--".`,
    subject: { job: job.name },
  });
}

/** That one is missing is said as such: what was expected of it comes after. */
function problemOf(issue: StandardSchemaV1.Issue, given: object): Problem {
  const path = pathOf(issue);
  const isMissing = issue.path?.length === 1 && !(path in given);
  return { path, problem: isMissing ? `is missing (${issue.message})` : issue.message };
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
