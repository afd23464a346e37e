import { WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/** Of a request that is refused before anything is looked at. */
export const badRequest = (message: string): WeirError => new WeirError({ code: 'BAD_REQUEST', domain: 'user', message });

/** `found`: how many bytes, as far as that is known. */
export const requestTooLarge = (found: number | string): WeirError =>
  new WeirError({
    code: 'REQUEST_TOO_LARGE',
    domain: 'user',
    message: `The request's body should have at most ${limits.requestBytesMax} bytes, but has ${found}.`,
  });
