import { WeirError } from '../base/errors.ts';

/** Stored bytes are not what was written. `found` completes "but". */
export function corrupt(found: string, cause?: unknown): WeirError {
  return new WeirError({
    code: 'SEGMENT_CORRUPT',
    domain: 'external',
    message: `A segment should hold what was written to it, but ${found}.`,
    advice: 'Restore from an older checkpoint or savepoint, and look for what else writes to the state directory or table.',
    ...(cause === undefined ? {} : { cause }),
  });
}
