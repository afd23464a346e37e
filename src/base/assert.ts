import { WeirError } from './errors.ts';

/** Checks what must hold whatever the input: a failure is a bug in Weir, never the user's. Stays on in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new WeirError({ code: 'INTERNAL', domain: 'internal', message: `Broken invariant: ${message}.` });
}

/** The end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new WeirError({ code: 'INTERNAL', domain: 'internal', message: `Unexpected variant: ${JSON.stringify(value)}.` });
}
