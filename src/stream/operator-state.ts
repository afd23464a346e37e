import { checkStateName, invalidState } from './check-state-declarations.ts';
import type { ListState } from './state.ts';

/*
 * State of an operator that is not by key: each subtask has a list of its own, in memory as a whole and stored as a whole
 * when it changed, so for what is small. Declared like keyed state, under `operatorState`.
 */

/** How lists find their subtasks where the parallelism has changed: split among them, or all of them given to each. */
export interface OperatorListDeclaration<T> {
  readonly kind: 'splitList' | 'unionList';
  readonly type?: T;
}

export type OperatorStateDeclarations = { readonly [name: string]: OperatorListDeclaration<unknown> };

/** What is declared where nothing is. */
export type NoOperatorState = Record<never, OperatorListDeclaration<unknown>>;

/**
 * A list per subtask, whose items any subtask may go on with. When a job is restored with another parallelism, all items
 * are dealt out anew. Flink's list state.
 */
export const splitListState = <T>(): OperatorListDeclaration<T> => ({ kind: 'splitList' });

/** A list per subtask. When a job is restored, every subtask gets the items of all, and picks. Flink's union list state. */
export const unionListState = <T>(): OperatorListDeclaration<T> => ({ kind: 'unionList' });

export type OperatorStates<S extends OperatorStateDeclarations> = {
  readonly [Name in keyof S]: S[Name] extends OperatorListDeclaration<infer T> ? ListState<T> : never;
};

/** What a function that declares operator state is given. */
export interface WithOperatorState<S extends OperatorStateDeclarations> {
  readonly operatorState: OperatorStates<S>;
}

/** The names of what a function declares. Refuses what the types already refuse, for callers without types. */
export function operatorStateNames(declaring: unknown): readonly string[] {
  const { operatorState } = Object(declaring) as { readonly operatorState?: { readonly [name: string]: unknown } };
  for (const [name, declaration] of Object.entries(operatorState ?? {})) {
    checkStateName(name);
    const { kind } = Object(declaration) as { readonly kind?: unknown };
    if (kind !== 'splitList' && kind !== 'unionList') {
      throw invalidState(
        name,
        `operator state must be made by splitListState() or unionListState(), but its kind is ${JSON.stringify(kind) ?? 'missing'}`,
      );
    }
  }
  return Object.keys(operatorState ?? {});
}
