import type { OperatorState } from '../../state/index.ts';
import type { Portable } from '../../values/portable.ts';

/** How far a source subtask has read its splits, by split id, as the runtime keeps it in operator state. */
export function splitPositions(source: OperatorState): ReadonlyMap<string, Portable> {
  const splits = source.operatorValue('_splits') as unknown as
    | readonly { readonly splitId: string; readonly position: Portable }[]
    | undefined;
  return new Map((splits ?? []).map(({ splitId, position }) => [splitId, position]));
}
