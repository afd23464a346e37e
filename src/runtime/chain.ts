import { assert } from '../base/assert.ts';
import { inLogScope } from '../base/log-scope.ts';
import type { Cloud } from '../cloud/index.ts';
import { type OutputEdge, OutputWriter } from '../exchange/output-writer.ts';
import type { ChainedOperator, JobEdge, JobVertex } from '../graph/job-graph.ts';
import type { SubtaskState } from '../state/index.ts';
import { accumulateInto, runtimeContext } from '../stream/accumulators.ts';
import { keyOfInput, lifecycleOf, type OperatorBody } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { RuntimeContext } from '../stream/functions.ts';
import { fieldOfSelector } from '../stream/key-selector.ts';
import { type FreezePolicy, FreezeSample } from '../values/freeze-sample.ts';
import type { Key } from '../values/key.ts';
import type { Deadline } from './deadline.ts';
import { EdgeReceiver, Feeds } from './feeds.ts';
import { broadcastInputs, keyedBroadcastInputs } from './operators/broadcast-process.ts';
import { coProcessInputs, keyedCoProcessInputs } from './operators/co-process.ts';
import { FilterOperator } from './operators/filter.ts';
import { FlatMapOperator } from './operators/flat-map.ts';
import { KeyedProcessOperator } from './operators/keyed-process.ts';
import { MapOperator } from './operators/map.ts';
import type { EpochHook, EpochView, OperatorContext } from './operators/operator-context.ts';
import { ProcessOperator } from './operators/process.ts';
import { type Head, joinReceivers, PlainHead, type Receiver } from './operators/receiver.ts';
import { ReduceOperator } from './operators/reduce.ts';
import { bareFilter, bareFlatMap, bareMap } from './operators/rich-functions.ts';
import { SinkOperator } from './operators/sink.ts';
import { WindowOperator } from './operators/window.ts';
import { SubtaskAccumulators } from './subtask-accumulators.ts';
import { atPosition, Faults, labelOf, type OperatorLabel } from './user-fault.ts';

export interface ChainOptions {
  readonly cloud: Cloud;
  readonly job: BuiltJob;
  readonly jobId: string;
  /** Where sinks put what is the job's result. */
  readonly resultDirectory: string;
  readonly vertex: JobVertex;
  readonly subtask: number;
  readonly state: SubtaskState;
  readonly freeze: FreezePolicy;
}

/**
 * The operators of one subtask, wired: each calls the next, the last ones call the edges. Made once for each copy of
 * state, since operators keep handles into it.
 */
export class Chain {
  readonly faults: Faults;
  readonly accumulators = new SubtaskAccumulators();
  readonly output: OutputWriter;
  readonly sinks: readonly SinkOperator[];
  /** What the head is given goes through here. */
  readonly inputs: FreezeSample;
  /** Of the head. */
  readonly label: OperatorLabel;
  /** What the head's input goes to; for a source, what it emits to. */
  readonly first: Head;
  /** The inputs of the head: `first`, and a second one where it has two. */
  readonly #heads: readonly Head[];
  readonly #hooks: EpochHook[] = [];
  readonly #samples: FreezeSample[] = [];
  readonly #options: ChainOptions;
  readonly #epoch: EpochView;
  #opened = false;

  constructor(options: ChainOptions, deadline: Deadline) {
    this.#options = options;
    this.faults = new Faults(options.freeze !== 'none');
    this.inputs = this.#sample();
    this.#epoch = { stamp: 0, watermark: Number.NEGATIVE_INFINITY, deadline };
    this.label = labelOf(options.vertex.operators[0]!, options.subtask);
    const edges = options.job.jobGraph.edges.filter((edge) => edge.sourceVertex === options.vertex.vertexId);
    this.output = new OutputWriter(
      edges.map((edge) => this.#outputEdge(edge)),
      options.subtask,
    );
    const sinks: SinkOperator[] = [];
    this.#heads = this.#wire(edges, sinks);
    this.first = this.#heads[0]!;
    this.sinks = sinks.reverse();
  }

  /** Combined, of the head's input; what timers see. */
  get watermark(): number {
    return this.#epoch.watermark;
  }

  set watermark(watermark: number) {
    this.#epoch.watermark = watermark;
  }

  /** Once when the epoch begins, so that timers which came due while nothing ran go first, and once before the barrier. */
  advanceProcessingTime(): void {
    try {
      this.first.advanceProcessingTime();
      this.faults.check();
    } catch (thrown) {
      throw atPosition(thrown, undefined);
    }
  }

  begin(stamp: number, watermark: number, deadline: Deadline): void {
    accumulateInto(this.accumulators);
    this.#open();
    this.accumulators.begin();
    this.faults.clear();
    Object.assign(this.#epoch, { stamp, watermark, deadline });
    this.output.begin(watermark, stamp);
    for (const sample of this.#samples) sample.refill();
    for (const sink of this.sinks) sink.begin();
    for (const hook of this.#hooks) hook.begin();
  }

  /** All of the epoch's input has been processed: what operators hold in memory goes into state. */
  end(): void {
    accumulateInto(undefined);
    for (const hook of this.#hooks) hook.end();
  }

  /** What takes the records of an edge that leads to this vertex. */
  headOf(edge: JobEdge): Head {
    const head = this.#heads[this.#inputOf(edge)];
    assert(head !== undefined, 'an edge leads to an input of the head');
    return head;
  }

  /** What reads the key of a record that came over an edge to this vertex, where the record holds it. */
  keyInRecordsOf(edge: JobEdge): ((value: unknown) => Key) | undefined {
    const key = keyOfInput(this.#bodyOf(this.#options.vertex.operators[0]!), this.#inputOf(edge));
    return key === undefined || fieldOfSelector(key) === undefined ? undefined : key;
  }

  /** Forgets what the attempt made outside of state. */
  abort(): void {
    this.output.take();
    for (const sink of this.sinks) sink.abort();
  }

  close(): void {
    if (!this.#opened) return;
    this.#opened = false;
    for (const operator of this.#options.vertex.operators)
      inLogScope(labelOf(operator, this.#options.subtask), () => lifecycleOf(this.#bodyOf(operator))?.close?.());
  }

  #open(): void {
    if (this.#opened) return;
    for (const operator of this.#options.vertex.operators) {
      try {
        inLogScope(labelOf(operator, this.#options.subtask), () => lifecycleOf(this.#bodyOf(operator))?.open?.(this.#runtime(operator)));
      } catch (thrown) {
        throw atPosition(this.faults.of(labelOf(operator, this.#options.subtask), thrown, 'open'), undefined);
      }
    }
    this.#opened = true;
  }

  #sample(): FreezeSample {
    const sample = new FreezeSample(this.#options.freeze);
    this.#samples.push(sample);
    return sample;
  }

  /** From the last operator to the first, so that what an operator feeds is there when it is made. */
  #wire(edges: readonly JobEdge[], sinks: SinkOperator[]): readonly Head[] {
    const { operators } = this.#options.vertex;
    const feeds = operators.map(() => new Feeds());
    edges.forEach((edge, i) => {
      feeds[edge.sourceOperator]!.of(edge.sideOutput).push(new EdgeReceiver(this.output.edges[i]!, this.faults, this.#labels(edge)));
    });
    for (let i = operators.length - 1; i > 0; i--) {
      const operator = operators[i]!;
      assert(operator.input !== undefined && operator.input < i, 'a chained operator comes after what feeds it');
      feeds[operator.input]!.of(operator.sideOutput).unshift(this.#operator(operator, this.#context(operator, feeds[i]!), sinks));
    }
    const heads = this.#headsOf(operators[0]!, this.#context(operators[0]!, feeds[0]!), sinks);
    return heads;
  }

  /** Only a head can have two inputs: what two streams feed is in no chain with either. */
  #headsOf(operator: ChainedOperator, context: OperatorContext, sinks: SinkOperator[]): readonly Head[] {
    const body = this.#bodyOf(operator);
    switch (body.kind) {
      case 'coProcess':
        return coProcessInputs(context, body);
      case 'keyedCoProcess':
        return keyedCoProcessInputs(context, body);
      case 'broadcastProcess':
        return broadcastInputs(context, body);
      case 'keyedBroadcastProcess':
        return keyedBroadcastInputs(context, body);
      default: {
        const head = this.#operator(operator, context, sinks);
        return ['advance' in head ? (head as Head) : new PlainHead(head)];
      }
    }
  }

  #context(operator: ChainedOperator, feeds: Feeds): OperatorContext {
    const { state, subtask } = this.#options;
    return {
      label: labelOf(operator, subtask),
      faults: this.faults,
      next: joinReceivers(feeds.of(undefined)),
      sides: feeds.sides(),
      freeze: this.#sample(),
      state: state.operator(operator.operatorId),
      epoch: this.#epoch,
      runtime: this.#runtime(operator),
      hooks: this.#hooks,
    };
  }

  #operator(operator: ChainedOperator, context: OperatorContext, sinks: SinkOperator[]): Receiver {
    const body = this.#bodyOf(operator);
    switch (body.kind) {
      case 'source':
        return context.next;
      case 'map':
        return new MapOperator(context, bareMap(context, body.map));
      case 'flatMap':
        return new FlatMapOperator(context, bareFlatMap(context, body.flatMap));
      case 'filter':
        return new FilterOperator(context, bareFilter(context, body.filter));
      case 'process':
        return new ProcessOperator(context, body.process);
      case 'reduce':
        return new ReduceOperator(context, body.reduce);
      case 'window':
        return new WindowOperator(context, body);
      case 'keyedProcess':
        return new KeyedProcessOperator(context, body.process);
      case 'sink': {
        const sink = new SinkOperator(context, operator.operatorId, this.#sinkWriter(operator, body));
        sinks.push(sink);
        return sink;
      }
      case 'coProcess':
      case 'keyedCoProcess':
      case 'broadcastProcess':
      case 'keyedBroadcastProcess':
        throw new TypeError(`"${operator.name}" has two inputs and heads its chain.`);
    }
  }

  #sinkWriter(operator: ChainedOperator, body: Extract<OperatorBody, { kind: 'sink' }>) {
    const { cloud, jobId, vertex, subtask, resultDirectory } = this.#options;
    const { objects, clock } = cloud;
    const { operatorId } = operator;
    try {
      return body.sink.createWriter({ objects, clock, jobId, operatorId, resultDirectory, subtask, parallelism: vertex.parallelism });
    } catch (thrown) {
      throw atPosition(this.faults.of(labelOf(operator, subtask), thrown, 'createWriter'), undefined);
    }
  }

  #outputEdge(jobEdge: JobEdge): OutputEdge {
    const { edge, partitioning, targetVertex, targetInput } = jobEdge;
    const target = this.#options.job.jobGraph.vertices.find((each) => each.vertexId === targetVertex);
    assert(target !== undefined, 'an edge leads to a vertex');
    const head = target.operators[0]!;
    const key = keyOfInput(this.#bodyOf(head), this.#inputOf(jobEdge));
    const label = labelOf(head, this.#options.subtask);
    const { faults } = this;
    const keyInRecord = key !== undefined && fieldOfSelector(key) !== undefined;
    const partition = this.#options.job.partitioners[head.node]?.[targetInput];
    return {
      edge,
      partitioning,
      senders: this.#options.vertex.parallelism,
      targets: target.parallelism,
      maxParallelism: target.maxParallelism,
      key:
        key === undefined
          ? undefined
          : (value) => {
              try {
                return key(value);
              } catch (thrown) {
                throw faults.of(label, thrown);
              }
            },
      keyInRecord,
      ...(partition === undefined ? {} : { partition }),
    };
  }

  /** Who is to blame for what goes wrong on an edge: its emitter, or for keys its target. */
  #labels(edge: JobEdge): { readonly emitter: OperatorLabel; readonly target: OperatorLabel } {
    const { job, vertex, subtask } = this.#options;
    const target = job.jobGraph.vertices.find((each) => each.vertexId === edge.targetVertex)!;
    return { emitter: labelOf(vertex.operators[edge.sourceOperator]!, subtask), target: labelOf(target.operators[0]!, subtask) };
  }

  /** Which input of the target's head an edge leads to. */
  #inputOf({ targetVertex, targetInput }: JobEdge): 0 | 1 {
    const { jobGraph, streamGraph } = this.#options.job;
    const head = jobGraph.vertices.find((each) => each.vertexId === targetVertex)!.operators[0]!;
    return streamGraph.nodes[head.node]!.inputs[targetInput]!.input ?? 0;
  }

  #runtime(operator: ChainedOperator): RuntimeContext {
    return runtimeContext({ operatorName: operator.name, subtask: this.#options.subtask, parallelism: this.#options.vertex.parallelism });
  }

  #bodyOf(operator: ChainedOperator): OperatorBody {
    const body = this.#options.job.bodies[operator.node];
    assert(body !== undefined && body.kind === operator.kind, `operator "${operator.name}" has a body of its kind`);
    return body;
  }
}
