import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the user said something is or goes: a URI as it stands, anything else as a path on this machine. */
export const locationOf = (said: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(said) ? said : pathToFileURL(resolve(said)).href.replace(/(.)\/$/, '$1');
