import type { StateDeclarations } from './state.ts';

/** Where a window's elements, or what they were reduced to, are kept. */
export const windowStateName = '_window';

/** Where timers are kept. Names of state that the engine declares itself begin with an underscore; those of users never do. */
export const timersStateName = '_timers';

/** The names of all that a keyed function keeps. */
export function keyedStateNames(keyed: { readonly state?: StateDeclarations; readonly onTimer?: unknown }): readonly string[] {
  const names = Object.keys(keyed.state ?? {});
  return keyed.onTimer === undefined ? names : [...names, timersStateName];
}
