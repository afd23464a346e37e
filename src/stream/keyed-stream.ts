import type { Key } from '../values/key.ts';
import { maxByOf, maxOf, minByOf, minOf, sumOf } from './aggregations.ts';
import type { OperatorBody } from './body.ts';
import { checkStateDeclarations } from './check-state-declarations.ts';
import { type AddConnected, KeyedBroadcastConnectedStream, KeyedConnectedStreams } from './connected-streams.ts';
import type { BroadcastStream, DataStream } from './data-stream.ts';
import type { ComparableFields, NumericFields } from './field-names.ts';
import type { KeyedProcessFunction, KeySelector, ReduceFunction } from './functions.ts';
import type { NodeInput } from './graph-builder.ts';
import type { StateDeclaration, StateDeclarations } from './state.ts';
import { keyedStateNames } from './state-names.ts';
import { WindowedStream } from './windowed-stream.ts';
import type { Window, WindowAssigner } from './windows.ts';

/** Where reductions are kept. */
const reduceStateName = '_reduce';

/** What a keyed stream is made with by the stream that it is of. */
export interface KeyedParts {
  readonly key: KeySelector<unknown, Key>;
  readonly inputs: readonly NodeInput[];
  add<O>(name: string, body: OperatorBody, stateNames: readonly string[], inputs: readonly NodeInput[]): DataStream<O>;
  inputsOf(stream: BroadcastStream<unknown>): readonly NodeInput[];
}

/** A stream of `T` where elements of equal key `K` meet in the same state. */
export class KeyedStream<T, K extends Key> {
  readonly #parts: KeyedParts;

  constructor(parts: KeyedParts) {
    this.#parts = parts;
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
    return this.#add('KeyedProcess', { kind: 'keyedProcess', key: this.#parts.key, process: body }, keyedStateNames(process));
  }

  /** Collects elements in windows, each of which is evaluated as a whole; `globalWindow()` at the end of the input. */
  window<W extends Window>(assigner: WindowAssigner<W>): WindowedStream<T, K, W> {
    return new WindowedStream({
      key: this.#parts.key,
      assigner: assigner as unknown as WindowAssigner<Window>,
      add: (name, body, stateNames) => this.#add(name, body, stateNames),
    });
  }

  /**
   * One function over both streams: over another keyed one, with keys of the same type, of which equal ones meet in the
   * same state; or over a broadcast one, of which every subtask gets all and keeps what it needs as broadcast state.
   */
  connect<B>(other: KeyedStream<B, K>): KeyedConnectedStreams<T, B, K>;
  connect<R>(other: BroadcastStream<R>): KeyedBroadcastConnectedStream<T, R, K>;
  connect(
    other: KeyedStream<unknown, K> | BroadcastStream<unknown>,
  ): KeyedConnectedStreams<T, unknown, K> | KeyedBroadcastConnectedStream<T, unknown, K> {
    const { key, inputs, inputsOf, add } = this.#parts;
    const addTo =
      (others: readonly NodeInput[]): AddConnected =>
      (name, body, stateNames) =>
        add(name, body, stateNames, [...inputs, ...others.map((each) => ({ ...each, input: 1 as const }))]);
    if (other instanceof KeyedStream) return new KeyedConnectedStreams([key, other.#parts.key], addTo(other.#parts.inputs));
    return new KeyedBroadcastConnectedStream(key, addTo(inputsOf(other)));
  }

  #add<O>(name: string, body: OperatorBody, stateNames: readonly string[]): DataStream<O> {
    return this.#parts.add(name, body, stateNames, this.#parts.inputs);
  }

  #reduce(name: string, reduce: ReduceFunction<unknown>): DataStream<T> {
    return this.#add(name, { kind: 'reduce', key: this.#parts.key, reduce }, [reduceStateName]);
  }
}
