import { WeirError } from '../base/errors.ts';

const lasting = new Set(['SEGMENT_MISSING', 'SEGMENT_CORRUPT', 'MANIFEST_CORRUPT']);

/** Whether a later try may get over it. */
export const mayPass = (error: unknown): boolean =>
  !WeirError.is(error) || ((error.domain === 'external' || error.domain === 'resources') && !lasting.has(error.code));
