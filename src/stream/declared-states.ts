import type { DeclaredState, StateKind } from '../graph/job-graph.ts';
import { lifecycleOf, type OperatorBody } from './body.ts';
import type { OperatorStateDeclarations } from './operator-state.ts';
import type { AnyStateDeclaration, SchemaOptions, StateDeclaration, StateDeclarations } from './state.ts';
import { windowStateName } from './state-names.ts';

/** What an operator keeps, by name and kind, for restores to be planned by; sorted, so that equal programs give equal graphs. */
export function declaredStates(body: OperatorBody): readonly DeclaredState[] {
  return statesOf(body).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind < b.kind ? -1 : 1));
}

/** How what was stored of the operator's state is brought up to date, by name; nothing where nothing is declared about it. */
export function schemaOf(body: OperatorBody, name: string): SchemaOptions<unknown> | undefined {
  const { state, windowState, broadcastState, operatorState } = Object('process' in body ? body.process : lifecycleOf(body)) as {
    readonly [declared in 'state' | 'windowState' | 'broadcastState' | 'operatorState']?: {
      readonly [name: string]: SchemaOptions<unknown>;
    };
  };
  for (const declared of [state, windowState, broadcastState, operatorState])
    if (declared !== undefined && Object.hasOwn(declared, name)) return declared[name];
  return undefined;
}

function statesOf(body: OperatorBody): DeclaredState[] {
  switch (body.kind) {
    case 'source':
      return [{ name: '_splits', kind: 'engine' }];
    case 'reduce':
      return [{ name: '_reduce', kind: 'value' }];
    case 'window':
      return windowed(body);
    case 'keyedProcess':
    case 'keyedCoProcess':
      return keyed(body.process);
    case 'keyedBroadcastProcess':
      return [...keyed(body.process), ...broadcast(body.process.broadcastState)];
    case 'broadcastProcess':
      return broadcast(body.process.broadcastState);
    default:
      return operatorState(lifecycleOf(body)?.operatorState);
  }
}

function keyed({ state = {}, onTimer }: { readonly state?: StateDeclarations; readonly onTimer?: unknown }): DeclaredState[] {
  const states = Object.entries(state).map(([name, declaration]) => stateOf(name, declaration.kind, declaration));
  if (onTimer === undefined) return states;
  return [...states, ...timers];
}

const timers: readonly DeclaredState[] = [
  { name: '', kind: 'timers' },
  { name: 'processing', kind: 'timers' },
];

function windowed({ contents, process }: Extract<OperatorBody, { kind: 'window' }>): DeclaredState[] {
  const declarations = { ...process?.state, ...process?.windowState };
  const states = Object.entries(declarations).map(([name, declaration]) => stateOf(name, declaration.kind, declaration));
  return [{ name: windowStateName, kind: contents.kind }, ...states, ...timers];
}

const broadcast = (declarations: { readonly [name: string]: StateDeclaration } = {}): DeclaredState[] =>
  Object.entries(declarations).map(([name, declaration]) => stateOf(name, 'broadcast', declaration));

const operatorState = (declarations: OperatorStateDeclarations = {}): DeclaredState[] =>
  Object.entries(declarations).map(([name, declaration]) =>
    stateOf(name, declaration.kind === 'broadcastMap' ? 'broadcast' : declaration.kind, declaration),
  );

function stateOf(name: string, kind: StateKind, { ttl, version = 1, migrate, description }: AnyStateDeclaration): DeclaredState {
  return {
    name,
    kind,
    ...(ttl === undefined ? {} : { timeToLive: true }),
    ...(version === 1 ? {} : { schemaVersion: version }),
    ...(migrate === undefined ? {} : { migrates: true }),
    ...(description === undefined ? {} : { types: description }),
  };
}
