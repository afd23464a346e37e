import { WeirError } from '../base/errors.ts';

/** Of a request that is refused before anything is looked at. */
export const badRequest = (message: string): WeirError => new WeirError({ code: 'BAD_REQUEST', domain: 'user', message });
