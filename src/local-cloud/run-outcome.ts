import type { Json } from './json.ts';

/** How an execution ended. `error` and `cause` are what its description shows. */
export type RunOutcome =
  | { readonly kind: 'succeeded'; readonly output: Json }
  | { readonly kind: 'failed' | 'timedOut' | 'aborted'; readonly error: string; readonly cause: string };
