import type { Key } from '../values/key.ts';
import type { Collector, RuntimeContext } from './functions.ts';
import type { SideOutputs } from './output-tag.ts';
import type { AggregatingStateDeclaration, Immutable, StateDeclarations, StateHandles } from './state.ts';
import type { Window } from './windows.ts';

/** What a window is evaluated to, without keeping its elements. Flink's AggregateFunction. */
export type AggregateFunction<I, A, O> = Pick<AggregatingStateDeclaration<I, A, O>, 'create' | 'add' | 'result'>;

/** What a window's evaluation gets. */
export interface WindowContext<K extends Key, W extends Window, S extends StateDeclarations, P extends StateDeclarations>
  extends SideOutputs {
  readonly key: K;
  readonly window: W;
  /** The key's, which all of its windows share. Flink's globalState. */
  readonly state: StateHandles<S>;
  /** The key's in this window only; dropped with the window's contents. */
  readonly windowState: StateHandles<P>;
  /** Undefined while there is none. */
  readonly currentWatermark: number | undefined;
  /** The epoch's stamp. */
  readonly currentProcessingTime: number;
}

/** Evaluates a window of one key: a plain object, or an instance of a class of this shape. Flink's ProcessWindowFunction. */
export interface ProcessWindowFunction<
  I,
  O,
  K extends Key,
  W extends Window,
  S extends StateDeclarations = Record<never, never>,
  P extends StateDeclarations = Record<never, never>,
> {
  readonly state?: S;
  readonly windowState?: P;
  open?(context: RuntimeContext): void;
  /**
   * Called whenever the window fires, with all its elements in the order in which they came; after `reduce` or `aggregate`,
   * with the one result. What it emits has the window's `maxTimestamp` as its timestamp.
   */
  process(elements: readonly Immutable<I>[], context: WindowContext<K, W, S, P>, out: Collector<O>): void;
  close?(): void;
}
