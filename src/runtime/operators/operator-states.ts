import { unreachable } from '../../base/assert.ts';
import type { OperatorState } from '../../state/index.ts';
import type { OperatorStateDeclaration, OperatorStateDeclarations, OperatorStates } from '../../stream/operator-state.ts';
import type { FreezeSample } from '../../values/freeze-sample.ts';
import { BroadcastMap } from './broadcast-state.ts';
import type { OperatorContext } from './operator-context.ts';
import { OperatorList } from './operator-list.ts';
import { OperatorValue } from './operator-value.ts';

/** Makes the operator state that a function declares. */
export function operatorStates(
  { state, hooks, freeze }: OperatorContext,
  declarations: OperatorStateDeclarations = {},
): OperatorStates<OperatorStateDeclarations> {
  const handles = Object.entries(declarations).map(([name, { kind }]) => [name, handleOf(state, freeze, kind, name)] as const);
  hooks.push(...handles.map(([, handle]) => handle));
  return Object.freeze(Object.fromEntries(handles)) as OperatorStates<OperatorStateDeclarations>;
}

/** Under which name an operator value holds it: the name says how it finds its subtasks at another parallelism. */
function handleOf(
  state: OperatorState,
  freeze: FreezeSample,
  kind: OperatorStateDeclaration['kind'],
  name: string,
): OperatorList | BroadcastMap | OperatorValue {
  switch (kind) {
    case 'splitList':
      return new OperatorList(state, freeze, `split:${name}`);
    case 'unionList':
      return new OperatorList(state, freeze, `union:${name}`);
    case 'broadcastMap':
      return new BroadcastMap(state, freeze, name);
    case 'subtask':
      return new OperatorValue(new OperatorList(state, freeze, `subtask:${name}`));
    default:
      return unreachable(kind);
  }
}
