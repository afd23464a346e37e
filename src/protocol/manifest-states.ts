import type { ChainedOperator, DeclaredState } from '../graph/job-graph.ts';
import type { Acknowledgement, KeyKind, StateCount } from './acknowledgement.ts';
import type { ManifestState } from './manifest.ts';

/**
 * What state an operator has, over all subtasks: what the program declares, with what the subtasks counted of it, and
 * what they hold besides. Nothing, if a subtask did not count.
 */
export function manifestStates(
  operator: ChainedOperator,
  position: number,
  said: readonly Acknowledgement[],
): readonly ManifestState[] | undefined {
  if (said.some(({ states }) => states === undefined)) return undefined;
  const counts = said.flatMap(({ states }) => states!.filter((count) => count.operator === position));
  const declared = operator.states ?? [];
  const names = new Map(declared.map((state) => [nameOf(state), state]));
  const undeclared = new Map(counts.filter((count) => !names.has(nameOf(count))).map((count) => [nameOf(count), count]));
  return [
    ...declared.map((state) => ({ ...declaredPart(state), ...totals(state, counts) })),
    ...[...undeclared.values()]
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      .map((count) => ({ name: count.name, kind: count.kind, ...totals(count, counts) })),
  ];
}

/** Timers are named by their time domain, which may be the name of a state too. */
const nameOf = ({ kind, name }: Pick<StateCount | DeclaredState, 'kind' | 'name'>): string =>
  `${kind === 'timers' ? 'timers' : 'state'} ${name}`;

function declaredPart({ migrates: _migrates, ...state }: DeclaredState): DeclaredState {
  return state;
}

function totals(of: StateCount | DeclaredState, counts: readonly StateCount[]): Pick<ManifestState, 'entries' | 'bytes' | 'keyKinds'> {
  let entries = 0;
  let bytes = 0;
  const keyKinds = new Set<KeyKind>();
  for (const count of counts) {
    if (nameOf(count) !== nameOf(of)) continue;
    entries += count.entries;
    bytes += count.bytes;
    for (const kind of count.keyKinds ?? []) keyKinds.add(kind);
  }
  return { entries, bytes, ...(keyKinds.size === 0 ? {} : { keyKinds: [...keyKinds].sort() }) };
}
