import type { Partitioning } from '../graph/job-graph.ts';
import type { Key } from '../values/key.ts';
import type { OperatorBody } from './body.ts';
import { DataStreamSink } from './data-stream-sink.ts';
import type { FilterFunction, FlatMapFunction, KeySelector, MapFunction, ProcessFunction } from './functions.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { KeyFields } from './key-fields.ts';
import { KeyedStream } from './keyed-stream.ts';
import { OperatorHandle } from './operator-handle.ts';
import type { Sink } from './sink.ts';
import type { Immutable } from './state.ts';

/**
 * A stream of `T`, and the operator that it comes out of. Every operation adds one operator and gives its stream; a
 * stream may be read by several.
 */
export class DataStream<T> extends OperatorHandle {
  readonly #partitioning: Partitioning | undefined;

  constructor(builder: GraphBuilder, node: number, partitioning?: Partitioning) {
    super(builder, node);
    this.#partitioning = partitioning;
  }

  /** One result for each element. */
  map<O>(map: MapFunction<T, O>): DataStream<O> {
    return this.#add('Map', { kind: 'map', map: map as MapFunction<unknown, unknown> });
  }

  /** Any number of results for each element, through `out`. Their type is that of the collector: `(line, out: Collector<Word>) => ...`. */
  flatMap<O = never>(flatMap: FlatMapFunction<T, O>): DataStream<O> {
    return this.#add('Flat Map', { kind: 'flatMap', flatMap: flatMap as FlatMapFunction<unknown, unknown> });
  }

  /** Only the elements that `filter` says yes to; a type predicate narrows the stream. */
  filter<N extends Immutable<T>>(filter: (element: Immutable<T>) => element is N): DataStream<N>;
  filter(filter: FilterFunction<T>): DataStream<T>;
  filter(filter: FilterFunction<T>): DataStream<unknown> {
    return this.#add('Filter', { kind: 'filter', filter: filter as FilterFunction<unknown> });
  }

  /** As flatMap, with the timestamp, `open` and `close`. */
  process<O = never>(process: ProcessFunction<T, O>): DataStream<O> {
    return this.#add('Process', { kind: 'process', process: process as ProcessFunction<unknown, unknown> });
  }

  /**
   * Brings elements of equal key together, by the name of a field or by a function. The key must be the same whenever
   * it is asked of the same element.
   */
  keyBy<F extends KeyFields<T>>(field: F): KeyedStream<T, Extract<T[F], Key>>;
  keyBy<const K extends Key>(selector: KeySelector<T, K>): KeyedStream<T, K>;
  keyBy(by: string | KeySelector<T, Key>): KeyedStream<T, Key> {
    const selector: KeySelector<unknown, Key> =
      typeof by === 'string' ? (element) => (element as Readonly<Record<string, Key>>)[by]! : (by as KeySelector<unknown, Key>);
    return new KeyedStream(selector, (name, body, stateNames) => this.#add(name, body, stateNames, 'hash'));
  }

  /** Where the results go. */
  sinkTo(sink: Sink<T>): DataStreamSink {
    const body: OperatorBody = { kind: 'sink', sink: sink as Sink<unknown> };
    return new DataStreamSink(this.builder, this.#node(sink.name, body, [], this.#partitioning));
  }

  /** The next operator's subtasks get equal shares, in turn. */
  rebalance(): DataStream<T> {
    return this.#partitioned('rebalance');
  }

  /** The next operator's subtasks get random shares, the same ones in every replay. */
  shuffle(): DataStream<T> {
    return this.#partitioned('shuffle');
  }

  /** Every subtask of the next operator gets every element. */
  broadcast(): DataStream<T> {
    return this.#partitioned('broadcast');
  }

  /** The first subtask of the next operator gets all elements. */
  global(): DataStream<T> {
    return this.#partitioned('global');
  }

  /** Elements stay on their subtask; refused where the next operator has another parallelism. */
  forward(): DataStream<T> {
    return this.#partitioned('forward');
  }

  #partitioned(partitioning: Partitioning): DataStream<T> {
    return new DataStream(this.builder, this.node, partitioning);
  }

  #add<O>(name: string, body: OperatorBody, stateNames: readonly string[] = [], partitioning = this.#partitioning): DataStream<O> {
    return new DataStream(this.builder, this.#node(name, body, stateNames, partitioning));
  }

  #node(name: string, body: OperatorBody, stateNames: readonly string[], partitioning: Partitioning | undefined): number {
    return this.builder.add({ name, body, input: { node: this.node, partitioning }, stateNames });
  }
}
