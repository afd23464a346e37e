import { WeirError } from '../base/errors.ts';

/** The refusal of a job file whose default export was not made by `defineJob`. */
export function notAJob(subject: string, found: unknown): WeirError {
  return new WeirError({
    code: 'NOT_A_JOB',
    domain: 'user',
    message: `The default export of ${subject} must be a job, but it is ${nameOf(found)}.`,
    advice: 'End it in export default defineJob({ ... }).',
  });
}

function nameOf(found: unknown): string {
  if (found === undefined) return 'missing';
  if (found === null) return 'null';
  if (typeof found === 'function') return found.name === '' ? 'a function' : `the function "${found.name}"`;
  return typeof found === 'object' ? (Array.isArray(found) ? 'a list' : 'an object that defineJob did not make') : `a ${typeof found}`;
}
