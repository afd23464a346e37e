import type { Key } from '../values/key.ts';
import { checkSchema, checkStateName, invalidState } from './check-state-declarations.ts';
import type { ListState, MapState, SchemaOptions, ValueState } from './state.ts';

/*
 * State of an operator that is not by key: each subtask has its own, in memory as a whole and stored as a whole when it
 * changed, so for what is small. Declared like keyed state, under `operatorState`.
 */

/** How lists find their subtasks where the parallelism has changed: split among them, or all of them given to each. */
export interface OperatorListDeclaration<T> extends SchemaOptions<unknown> {
  readonly kind: 'splitList' | 'unionList';
  readonly type?: T;
}

export interface BroadcastMapDeclaration<K, V> extends SchemaOptions<unknown> {
  readonly kind: 'broadcastMap';
  readonly type?: { readonly key: K; readonly value: V };
}

export interface SubtaskStateDeclaration<T> extends SchemaOptions<unknown> {
  readonly kind: 'subtask';
  readonly type?: T;
}

export type OperatorStateDeclaration =
  | OperatorListDeclaration<unknown>
  | BroadcastMapDeclaration<unknown, unknown>
  | SubtaskStateDeclaration<unknown>;
export type OperatorStateDeclarations = { readonly [name: string]: OperatorStateDeclaration };

/** What is declared where nothing is. */
export type NoOperatorState = Record<never, OperatorListDeclaration<unknown>>;

/**
 * A list per subtask, whose items any subtask may go on with. When a job is restored with another parallelism, all items
 * are dealt out anew. Flink's list state.
 */
export const splitListState = <T>(options: SchemaOptions<T> = {}): OperatorListDeclaration<T> => ({ ...options, kind: 'splitList' });

/** A list per subtask. When a job is restored, every subtask gets the items of all, and picks. Flink's union list state. */
export const unionListState = <T>(options: SchemaOptions<T> = {}): OperatorListDeclaration<T> => ({ ...options, kind: 'unionList' });

/**
 * A map per subtask, which all subtasks must keep alike, since when a job is restored with another parallelism each new
 * subtask gets a copy of one of the old maps. Flink's `OperatorStateStore.getBroadcastState`. Subtasks keep maps alike
 * where they all get the same elements in the same order; `connect` with a broadcast stream sees to it by its types.
 */
export const broadcastMapState = <K extends Key, V>(options: SchemaOptions<V> = {}): BroadcastMapDeclaration<K, V> => ({
  ...options,
  kind: 'broadcastMap',
});

/**
 * One value per subtask, which no other subtask could go on with: once there is some, the operator's parallelism can't be
 * changed any more, and a restore at another one is refused. What Flink's old `Checkpointed` interface was; a list that is
 * split says the same and can be dealt out.
 */
export const subtaskState = <T>(options: SchemaOptions<T> = {}): SubtaskStateDeclaration<T> => ({ ...options, kind: 'subtask' });

type OperatorStateHandle<D> =
  D extends OperatorListDeclaration<infer T>
    ? ListState<T>
    : D extends BroadcastMapDeclaration<infer K, infer V>
      ? MapState<K, V>
      : D extends SubtaskStateDeclaration<infer T>
        ? ValueState<T>
        : never;
export type OperatorStates<S extends OperatorStateDeclarations> = { readonly [Name in keyof S]: OperatorStateHandle<S[Name]> };

/** What a function that declares operator state is given. */
export interface WithOperatorState<S extends OperatorStateDeclarations> {
  readonly operatorState: OperatorStates<S>;
}

const kinds: readonly unknown[] = ['splitList', 'unionList', 'broadcastMap', 'subtask'];

/** The names of what a function declares. Refuses what the types already refuse, for callers without types. */
export function operatorStateNames(declaring: unknown): readonly string[] {
  const { operatorState } = Object(declaring) as { readonly operatorState?: { readonly [name: string]: unknown } };
  for (const [name, declaration] of Object.entries(operatorState ?? {})) {
    checkStateName(name);
    const fields = Object(declaration) as { readonly [field: string]: unknown };
    const { kind } = fields;
    if (!kinds.includes(kind)) {
      throw invalidState(
        name,
        `operator state must be made by splitListState(), unionListState(), broadcastMapState() or subtaskState(), but its kind is ${JSON.stringify(kind) ?? 'missing'}`,
      );
    }
    checkSchema(name, fields);
  }
  return Object.keys(operatorState ?? {});
}
