import type { Key } from '../values/key.ts';
import { maxByOf, maxOf, minByOf, minOf, sumOf } from './aggregations.ts';
import type { OperatorBody } from './body.ts';
import { checkStateDeclarations } from './check-state-declarations.ts';
import type { DataStream } from './data-stream.ts';
import type { ComparableFields, NumericFields } from './field-names.ts';
import type { KeyedProcessFunction, KeySelector, ReduceFunction } from './functions.ts';
import type { StateDeclaration, StateDeclarations } from './state.ts';

/** Names of state that the engine declares itself; those of users never begin with an underscore. */
const reduceStateName = '_reduce';
const timersStateName = '_timers';

type AddKeyed = <O>(name: string, body: OperatorBody, stateNames: readonly string[]) => DataStream<O>;

/** A stream of `T` where elements of equal key `K` meet in the same state. */
export class KeyedStream<T, K extends Key> {
  readonly #key: KeySelector<unknown, Key>;
  readonly #add: AddKeyed;

  constructor(key: KeySelector<unknown, Key>, add: AddKeyed) {
    this.#key = key;
    this.#add = add;
  }

  /**
   * For each element the key's reduction so far. The first element of a key is its own reduction. It is kept as keyed
   * state under the name `_reduce`.
   */
  reduce(reduce: ReduceFunction<T>): DataStream<T> {
    return this.#reduce('Keyed Reduce', reduce as ReduceFunction<unknown>);
  }

  /** For each element the key's first element, with the sum so far in this field. */
  sum(field: NumericFields<T>): DataStream<T> {
    return this.#reduce('Keyed Aggregation', sumOf(field));
  }

  /** For each element the key's first element, with the least value so far in this field. For the whole element use `minBy`. */
  min(field: ComparableFields<T>): DataStream<T> {
    return this.#reduce('Keyed Aggregation', minOf(field));
  }

  /** For each element the key's first element, with the greatest value so far in this field. For the whole element use `maxBy`. */
  max(field: ComparableFields<T>): DataStream<T> {
    return this.#reduce('Keyed Aggregation', maxOf(field));
  }

  /** For each element the one that has the least value so far in this field; of equals the first. */
  minBy(field: ComparableFields<T>): DataStream<T> {
    return this.#reduce('Keyed Aggregation', minByOf(field));
  }

  /** For each element the one that has the greatest value so far in this field; of equals the first. */
  maxBy(field: ComparableFields<T>): DataStream<T> {
    return this.#reduce('Keyed Aggregation', maxByOf(field));
  }

  /**
   * A function with state and timers for each key. State is declared under `state` and typed from there; the type of
   * the results is that of the collector, said once where results go out: `onTimer(time, { key, state }, out:
   * Collector<Total>)`.
   */
  process<O = never, S extends StateDeclarations = Record<never, StateDeclaration>>(
    process: KeyedProcessFunction<T, O, K, S>,
  ): DataStream<O> {
    checkStateDeclarations(process.state ?? {});
    const body = process as unknown as KeyedProcessFunction<unknown, unknown, Key, StateDeclarations>;
    const stateNames = Object.keys(process.state ?? {});
    if (process.onTimer !== undefined) stateNames.push(timersStateName);
    return this.#add('KeyedProcess', { kind: 'keyedProcess', key: this.#key, process: body }, stateNames);
  }

  #reduce(name: string, reduce: ReduceFunction<unknown>): DataStream<T> {
    return this.#add(name, { kind: 'reduce', key: this.#key, reduce }, [reduceStateName]);
  }
}
