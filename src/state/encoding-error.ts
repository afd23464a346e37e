import { WeirError } from '../base/errors.ts';
import { checkPlain } from '../values/plain-value.ts';

/** What went wrong when `value` could not be encoded: the value itself, named by `where`, or something else. */
export function encodingError(where: string, operator: string, value: unknown, cause: unknown): unknown {
  const found = checkPlain(value);
  if (found === undefined) return cause;
  return new WeirError({
    code: 'VALUE_NOT_PLAIN',
    domain: 'program',
    message: `State must be plain data, but in ${where} of operator "${operator}" ${found}.`,
    advice: 'Keep null, booleans, numbers, bigint, strings, dates, byte arrays, or lists and plain objects of these.',
    subject: { operator },
    cause,
  });
}
