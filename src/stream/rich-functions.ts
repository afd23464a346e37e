import type { Collector, RuntimeContext } from './functions.ts';
import type { NoOperatorState, OperatorStateDeclarations, WithOperatorState } from './operator-state.ts';
import type { Immutable } from './state.ts';

/*
 * The functions of `map`, `flatMap` and `filter` as objects, or instances of a class of this shape: with a beginning, an
 * end, and operator state. Flink's rich functions.
 */

/** `open` and `close` are called once per subtask and environment: not a place for anything that must happen once. */
interface RichFunction<S extends OperatorStateDeclarations> {
  readonly operatorState?: S;
  open?(context: RuntimeContext): void;
  close?(): void;
}

export interface RichMapFunction<I, O, S extends OperatorStateDeclarations = NoOperatorState> extends RichFunction<S> {
  map(element: Immutable<I>, context: WithOperatorState<S>): O;
}

export interface RichFlatMapFunction<I, O, S extends OperatorStateDeclarations = NoOperatorState> extends RichFunction<S> {
  flatMap(element: Immutable<I>, out: Collector<O>, context: WithOperatorState<S>): void;
}

export interface RichFilterFunction<I, S extends OperatorStateDeclarations = NoOperatorState> extends RichFunction<S> {
  filter(element: Immutable<I>, context: WithOperatorState<S>): boolean;
}
