import { pathToFileURL } from 'node:url';

/**
 * A place as a URI, from what a request says. If whoever asks sees the same disk as the functions (`local`), an absolute
 * path is a place too, as it is for Flink's client, which sends what its user typed; and so is `file:/path`, which is how
 * Flink prints one. Anything else stays as it is: whoever uses the place says what it should be.
 */
export function locationUri(given: string, { local }: { readonly local: boolean }): string {
  if (!local) return given;
  if (given.startsWith('/')) return pathToFileURL(given).href;
  return /^file:\/(?!\/)/.test(given) ? new URL(given).href : given;
}
