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
