import type { OperatorState } from '../../state/index.ts';
import type { Portable } from '../../values/portable.ts';

/**
 * How far a source subtask has read the splits that it has not read to their ends, by split id, as the runtime keeps it
 * in operator state.
 */
export function splitPositions(source: OperatorState): ReadonlyMap<string, Portable> {
  const stored = source.operatorValue('_splits') as unknown as
    | { readonly splits: readonly { readonly splitId: string; readonly position: Portable }[] }
    | undefined;
  return new Map((stored?.splits ?? []).map(({ splitId, position }) => [splitId, position]));
}

/** How many splits a source subtask has ever been given, and whether there will be no more. */
export function assignedSplits(source: OperatorState): { readonly splits: number; readonly done: boolean } {
  const stored = source.operatorValue('_splits') as unknown as { readonly assigned: number; readonly done: boolean } | undefined;
  return { splits: stored?.assigned ?? 0, done: stored?.done ?? false };
}
