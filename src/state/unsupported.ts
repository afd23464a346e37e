import { WeirError } from '../base/errors.ts';

/** Stored bytes are of a newer Weir. */
export function unsupported(found: string, expected: string): WeirError {
  return new WeirError({
    code: 'SEGMENT_UNSUPPORTED',
    domain: 'user',
    message: `A segment of state has ${found}, but this version of Weir reads ${expected}.`,
    advice: 'Use a version of Weir at least as new as the one that wrote it.',
  });
}
