import type { Partitioning } from '../graph/job-graph.ts';
import type { Key } from '../values/key.ts';
import type { Portable } from '../values/portable.ts';
import type { OperatorBody } from './body.ts';
import { collectingSink } from './collecting-sink.ts';
import { type AddConnected, BroadcastConnectedStream, ConnectedStreams } from './connected-streams.ts';
import { DataStreamSink } from './data-stream-sink.ts';
import type { FilterFunction, FlatMapFunction, KeySelector, MapFunction, Partitioner, ProcessFunction } from './functions.ts';
import type { GraphBuilder, NodeInput } from './graph-builder.ts';
import type { KeyFields } from './key-fields.ts';
import { selectorOf } from './key-selector.ts';
import { KeyedStream } from './keyed-stream.ts';
import { OperatorHandle } from './operator-handle.ts';
import { type NoOperatorState, type OperatorStateDeclarations, operatorStateNames } from './operator-state.ts';
import type { OutputTag } from './output-tag.ts';
import { printSink } from './print-sink.ts';
import type { RichFilterFunction, RichFlatMapFunction, RichMapFunction } from './rich-functions.ts';
import type { Sink } from './sink.ts';
import type { Immutable } from './state.ts';
import type { TypeDescription } from './type-description.ts';

/**
 * A stream of `T`, and the operator that it comes out of. Every operation adds one operator and gives its stream; a
 * stream may be read by several.
 */
export class DataStream<T> extends OperatorHandle {
  readonly #origins: readonly NodeInput[];

  /** `node`: the operator that it comes out of, if it is the main output of one. */
  constructor(builder: GraphBuilder, origins: readonly NodeInput[], node?: number) {
    super(builder, node);
    this.#origins = origins;
  }

  /** One result for each element. */
  map<O, S extends OperatorStateDeclarations = NoOperatorState>(map: MapFunction<T, O> | RichMapFunction<T, O, S>): DataStream<O> {
    return this.#add('Map', { kind: 'map', map: map as MapFunction<unknown, unknown> }, operatorStateNames(map));
  }

  /** Any number of results for each element, through `out`. Their type is that of the collector: `(line, out: Collector<Word>) => ...`. */
  flatMap<O = never, S extends OperatorStateDeclarations = NoOperatorState>(
    flatMap: FlatMapFunction<T, O> | RichFlatMapFunction<T, O, S>,
  ): DataStream<O> {
    const body = { kind: 'flatMap' as const, flatMap: flatMap as FlatMapFunction<unknown, unknown> };
    return this.#add('Flat Map', body, operatorStateNames(flatMap));
  }

  /** Only the elements that `filter` says yes to; a type predicate narrows the stream. */
  filter<N extends Immutable<T>>(filter: (element: Immutable<T>) => element is N): DataStream<N>;
  filter<S extends OperatorStateDeclarations = NoOperatorState>(filter: FilterFunction<T> | RichFilterFunction<T, S>): DataStream<T>;
  filter(filter: FilterFunction<T> | RichFilterFunction<T, OperatorStateDeclarations>): DataStream<unknown> {
    return this.#add('Filter', { kind: 'filter', filter: filter as FilterFunction<unknown> }, operatorStateNames(filter));
  }

  /** As flatMap, with the timestamp and side outputs. */
  process<O = never, S extends OperatorStateDeclarations = NoOperatorState>(process: ProcessFunction<T, O, S>): DataStream<O> {
    const body = { kind: 'process' as const, process: process as ProcessFunction<unknown, unknown, OperatorStateDeclarations> };
    return this.#add('Process', body, operatorStateNames(process));
  }

  /**
   * Brings elements of equal key together, by the name of a field or by a function. The key must be the same whenever
   * it is asked of the same element. With its type declared (`t.string`), a restore refuses state that is by other keys.
   */
  keyBy<F extends KeyFields<T>>(field: F, type?: TypeDescription<Extract<T[F], Key>>): KeyedStream<T, Extract<T[F], Key>>;
  keyBy<const K extends Key>(selector: KeySelector<T, K>, type?: TypeDescription<K>): KeyedStream<T, K>;
  keyBy(by: string | KeySelector<T, Key>, type?: TypeDescription<Key>): KeyedStream<T, Key> {
    const keyed = this.#origins.map((origin) => ({ ...origin, partitioning: 'hash' as const, partitioner: undefined }));
    return new KeyedStream({
      key: selectorOf(by),
      inputs: keyed,
      add: (name, body, stateNames, inputs) => this.#add(name, body, stateNames, inputs, type?.description),
      inputsOf: (stream) => (stream as BroadcastDataStream<unknown>).#origins,
    });
  }

  /**
   * All elements of this stream and the others, each as it comes: there is no order between them. A stream given twice
   * comes twice.
   */
  union(...others: readonly DerivedStream<T>[]): DerivedStream<T> {
    return new DataStream<T>(
      this.builder,
      [this, ...(others as readonly DataStream<T>[])].flatMap((stream) => stream.#origins),
    );
  }

  /**
   * One function over both streams, whose elements stay of their own types. With a broadcast stream, of which every subtask
   * gets all and keeps what it needs as broadcast state.
   */
  connect<R>(other: BroadcastStream<R>): BroadcastConnectedStream<T, R>;
  connect<B>(other: DerivedStream<B>): ConnectedStreams<T, B>;
  connect(other: DerivedStream<unknown>): BroadcastConnectedStream<T, unknown> | ConnectedStreams<T, unknown> {
    const others = (other as DataStream<unknown>).#origins.map((origin) => ({ ...origin, input: 1 as const }));
    const add: AddConnected = (name, body, stateNames) => this.#add(name, body, stateNames, [...this.#origins, ...others]);
    return other instanceof BroadcastDataStream ? new BroadcastConnectedStream(add) : new ConnectedStreams(add);
  }

  /** What a process function emitted under the tag by `context.output(tag, value)`. */
  getSideOutput<S>(tag: OutputTag<S>): DerivedStream<S> {
    const origins = this.#origins.map(({ node }) => ({ node, partitioning: undefined, sideOutput: tag.id }));
    return new DataStream<S>(this.builder, origins);
  }

  /** Where the results go. */
  sinkTo(sink: Sink<T>): DataStreamSink {
    const body: OperatorBody = { kind: 'sink', sink: sink as Sink<unknown> };
    return new DataStreamSink(this.builder, this.#node(sink.name, body, [], this.#origins));
  }

  /**
   * Makes the stream a result of the job: `weir run` shows it when the job has ended, the control API gives it as it grows
   * (GET /jobs/:jobid/collected), `simulateJob` returns it. It goes the way of every sink, so each element is there
   * once, and only after the checkpoint that covers it. For results that a person or a test reads, not for floods. Flink's
   * `executeAndCollect`, where nothing runs the job but whoever asks for the result.
   */
  collect(name = 'result'): DataStreamSink {
    return this.sinkTo(collectingSink<T>(name));
  }

  /**
   * Writes every element to the console of the function that has it, as it comes, under a label of its own if there are
   * several: for looking at a job. Unlike what sinks make visible, it comes again when an epoch is repeated.
   */
  print(label?: string): DataStreamSink {
    return this.sinkTo(printSink(label));
  }

  /** The next operator's subtasks get equal shares, in turn. */
  rebalance(): DerivedStream<T> {
    return this.#partitioned('rebalance');
  }

  /**
   * As `rebalance`, but each subtask deals its elements out to a few subtasks of the next operator only, those that come
   * from it by the two parallelisms: from 2 to 4 the first to 0 and 1, the second to 2 and 3.
   */
  rescale(): DerivedStream<T> {
    return this.#partitioned('rescale');
  }

  /** The next operator's subtasks get random shares, the same ones in every replay. */
  shuffle(): DerivedStream<T> {
    return this.#partitioned('shuffle');
  }

  /** Every subtask of the next operator gets every element; what is made of them can be kept as broadcast state, see `connect`. */
  broadcast(): BroadcastStream<T> {
    const origins = this.#origins.map((origin) => ({ ...origin, partitioning: 'broadcast' as const, partitioner: undefined }));
    return new BroadcastDataStream(this.builder, origins);
  }

  /** The first subtask of the next operator gets all elements. */
  global(): DerivedStream<T> {
    return this.#partitioned('global');
  }

  /** Elements stay on their subtask; refused where the next operator has another parallelism. */
  forward(): DerivedStream<T> {
    return this.#partitioned('forward');
  }

  /**
   * The subtask of the next operator that `partitioner` says, from the key and how many there are. Unlike `keyBy` it
   * brings no state by key.
   */
  partitionCustom<F extends KeyFields<T>>(partitioner: Partitioner<Extract<T[F], Key>>, field: F): DerivedStream<T>;
  partitionCustom<const K extends Key>(partitioner: Partitioner<K>, selector: KeySelector<T, K>): DerivedStream<T>;
  partitionCustom(partitioner: Partitioner<never>, by: string | KeySelector<T, Key>): DerivedStream<T> {
    const key = selectorOf(by);
    const partition = partitioner as Partitioner<Key>;
    return this.#partitioned('custom', (element, partitions) => partition(key(element), partitions));
  }

  #partitioned(partitioning: Partitioning, partitioner?: NodeInput['partitioner']): DerivedStream<T> {
    const origins = this.#origins.map((origin) => ({ ...origin, partitioning, partitioner }));
    return new DataStream<T>(this.builder, origins);
  }

  #add<O>(name: string, body: OperatorBody, stateNames: readonly string[] = [], inputs = this.#origins, keyType?: Portable): DataStream<O> {
    const node = this.#node(name, body, stateNames, inputs, keyType);
    return new DataStream(this.builder, [{ node, partitioning: undefined }], node);
  }

  #node(name: string, body: OperatorBody, stateNames: readonly string[], inputs: readonly NodeInput[], keyType?: Portable): number {
    return this.builder.add({ name, body, inputs, stateNames, ...(keyType === undefined ? {} : { keyType }) });
  }
}

/**
 * A stream that is no operator's main output, such as a union, a side output or a partitioned stream: all that a stream has,
 * but no uid, name or parallelism of its own.
 */
export type DerivedStream<T> = Omit<DataStream<T>, keyof OperatorHandle | 'getSideOutput'>;

/** A stream of which every subtask of the next operator gets all. */
export interface BroadcastStream<T> extends DerivedStream<T> {
  /** Tells the type from that of other streams. */
  readonly isBroadcast: true;
}

class BroadcastDataStream<T> extends DataStream<T> implements BroadcastStream<T> {
  readonly isBroadcast = true;
}
