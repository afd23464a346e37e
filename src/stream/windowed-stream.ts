import type { Key } from '../values/key.ts';
import { maxByOf, maxOf, minByOf, minOf, sumOf } from './aggregations.ts';
import type { OperatorBody } from './body.ts';
import { checkStateDeclarations, invalidState } from './check-state-declarations.ts';
import type { DataStream } from './data-stream.ts';
import type { ComparableFields, NumericFields } from './field-names.ts';
import type { KeySelector, ReduceFunction } from './functions.ts';
import { aggregatingState, listState, reducingState, type StateDeclarations } from './state.ts';
import { timersStateName, windowStateName } from './state-names.ts';
import type { AggregateFunction, ProcessWindowFunction } from './window-functions.ts';
import type { Window, WindowAssigner } from './windows.ts';

type WindowBody = Extract<OperatorBody, { kind: 'window' }>;
type NoState = Record<never, never>;

/** What a windowed stream is made with. */
export interface WindowedParts {
  readonly key: KeySelector<unknown, Key>;
  readonly assigner: WindowAssigner<Window>;
  add<O>(name: string, body: OperatorBody, stateNames: readonly string[]): DataStream<O>;
}

/** A keyed stream whose elements are collected in windows and evaluated when a window fires. Made by `window`. */
export class WindowedStream<T, K extends Key, W extends Window> {
  readonly #parts: WindowedParts;

  constructor(parts: WindowedParts) {
    this.#parts = parts;
  }

  /**
   * Each window's elements reduced to one. Only that one is kept. With a function, which gets it as the only element,
   * results may be of another type, and have key and window at hand.
   */
  reduce(reduce: ReduceFunction<T>): DataStream<T>;
  reduce<O = never, S extends StateDeclarations = NoState, P extends StateDeclarations = NoState>(
    reduce: ReduceFunction<T>,
    process: ProcessWindowFunction<T, O, K, W, S, P>,
  ): DataStream<O>;
  reduce(reduce: ReduceFunction<T>, process?: unknown): DataStream<unknown> {
    return this.#add(reducingState<unknown>({ reduce: reduce as ReduceFunction<unknown> }), process);
  }

  /** Each window's elements aggregated. Only the accumulator is kept. */
  aggregate<A, O>(aggregate: AggregateFunction<T, A, O>): DataStream<O>;
  aggregate<A, R, O = never, S extends StateDeclarations = NoState, P extends StateDeclarations = NoState>(
    aggregate: AggregateFunction<T, A, R>,
    process: ProcessWindowFunction<R, O, K, W, S, P>,
  ): DataStream<O>;
  aggregate(aggregate: AggregateFunction<T, never, unknown>, process?: unknown): DataStream<unknown> {
    return this.#add(aggregatingState(aggregate as unknown as AggregateFunction<unknown, unknown, unknown>), process);
  }

  /** A function over all elements of a window, which are kept until it fires: for what can't be aggregated as they come. */
  process<O = never, S extends StateDeclarations = NoState, P extends StateDeclarations = NoState>(
    process: ProcessWindowFunction<T, O, K, W, S, P>,
  ): DataStream<O> {
    return this.#add(listState<unknown>(), process) as DataStream<O>;
  }

  /** Of each window the first element, with the sum in this field. */
  sum(field: NumericFields<T>): DataStream<T> {
    return this.reduce(sumOf(field) as ReduceFunction<T>);
  }

  /** Of each window the first element, with the least value in this field. For the whole element use `minBy`. */
  min(field: ComparableFields<T>): DataStream<T> {
    return this.reduce(minOf(field) as ReduceFunction<T>);
  }

  /** Of each window the first element, with the greatest value in this field. For the whole element use `maxBy`. */
  max(field: ComparableFields<T>): DataStream<T> {
    return this.reduce(maxOf(field) as ReduceFunction<T>);
  }

  /** Of each window the element that has the least value in this field; of equals the first. */
  minBy(field: ComparableFields<T>): DataStream<T> {
    return this.reduce(minByOf(field) as ReduceFunction<T>);
  }

  /** Of each window the element that has the greatest value in this field; of equals the first. */
  maxBy(field: ComparableFields<T>): DataStream<T> {
    return this.reduce(maxByOf(field) as ReduceFunction<T>);
  }

  #add(contents: WindowBody['contents'], process: unknown): DataStream<unknown> {
    const { key, assigner, add } = this.#parts;
    checkStateDeclarations({ [windowStateName.slice(1)]: contents });
    const evaluation = process as WindowBody['process'];
    const [state, windowState] = [evaluation?.state ?? {}, evaluation?.windowState ?? {}];
    checkStateDeclarations(state);
    checkStateDeclarations(windowState);
    const twice = Object.keys(state).find((name) => Object.hasOwn(windowState, name));
    if (twice !== undefined) throw invalidState(twice, 'it is declared twice, under state and under windowState');
    const names = [windowStateName, timersStateName, ...Object.keys(state), ...Object.keys(windowState)];
    return add(assigner.name, { kind: 'window', key, assigner, contents, process: evaluation }, names);
  }
}
