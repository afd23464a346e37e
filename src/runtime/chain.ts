import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import { type EdgeWriter, type OutputEdge, OutputWriter } from '../exchange/output-writer.ts';
import type { ChainedOperator, JobEdge, JobVertex } from '../graph/job-graph.ts';
import type { SubtaskState } from '../state/index.ts';
import type { OperatorBody } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { KeySelector, RuntimeContext } from '../stream/functions.ts';
import type { Key } from '../values/key.ts';
import type { Deadline } from './deadline.ts';
import { FilterOperator } from './operators/filter.ts';
import { FlatMapOperator } from './operators/flat-map.ts';
import { KeyedProcessOperator } from './operators/keyed-process.ts';
import { MapOperator } from './operators/map.ts';
import type { EpochView, OperatorContext } from './operators/operator-context.ts';
import { ProcessOperator } from './operators/process.ts';
import { FreezingHead, type Head, joinReceivers, PlainHead, type Receiver } from './operators/receiver.ts';
import { ReduceOperator } from './operators/reduce.ts';
import { SinkOperator } from './operators/sink.ts';
import { atPosition, Faults, type OperatorLabel } from './user-fault.ts';

export interface ChainOptions {
  readonly cloud: Cloud;
  readonly job: BuiltJob;
  readonly jobId: string;
  readonly vertex: JobVertex;
  readonly subtask: number;
  readonly state: SubtaskState;
  /** Freezes all records. */
  readonly freeze: boolean;
}

/**
 * The operators of one subtask, wired: each calls the next, the last ones call the edges. Made once for each copy of
 * state, since operators keep handles into it.
 */
export class Chain {
  readonly faults = new Faults();
  readonly output: OutputWriter;
  readonly sinks: readonly SinkOperator[];
  /** Of the head. */
  readonly label: OperatorLabel;
  /** What the head's input goes to; for a source, what it emits to. */
  readonly first: Head;
  readonly #options: ChainOptions;
  readonly #epoch: EpochView;
  #opened = false;

  constructor(options: ChainOptions, deadline: Deadline) {
    this.#options = options;
    this.#epoch = { stamp: 0, watermark: Number.NEGATIVE_INFINITY, deadline };
    this.label = labelOf(options.vertex.operators[0]!, options.subtask);
    const edges = options.job.jobGraph.edges.filter((edge) => edge.sourceVertex === options.vertex.vertexId);
    this.output = new OutputWriter(
      edges.map((edge) => this.#outputEdge(edge)),
      options.subtask,
    );
    const sinks: SinkOperator[] = [];
    this.first = this.#wire(edges, sinks);
    this.sinks = sinks.reverse();
  }

  /** Combined, of the head's input; what timers see. */
  get watermark(): number {
    return this.#epoch.watermark;
  }

  set watermark(watermark: number) {
    this.#epoch.watermark = watermark;
  }

  begin(stamp: number, watermark: number, deadline: Deadline): void {
    this.#open();
    this.faults.clear();
    Object.assign(this.#epoch, { stamp, watermark, deadline });
    this.output.begin(watermark, stamp);
    for (const sink of this.sinks) sink.begin();
  }

  /** Forgets what the attempt made outside of state. */
  abort(): void {
    this.output.take();
    for (const sink of this.sinks) sink.abort();
  }

  close(): void {
    if (!this.#opened) return;
    this.#opened = false;
    for (const operator of this.#options.vertex.operators) functionOf(this.#bodyOf(operator))?.close?.();
  }

  #open(): void {
    if (this.#opened) return;
    for (const operator of this.#options.vertex.operators) {
      try {
        functionOf(this.#bodyOf(operator))?.open?.(this.#runtime(operator));
      } catch (thrown) {
        throw atPosition(this.faults.of(labelOf(operator, this.#options.subtask), thrown, 'open'), undefined);
      }
    }
    this.#opened = true;
  }

  /** From the last operator to the first, so that what an operator feeds is there when it is made. */
  #wire(edges: readonly JobEdge[], sinks: SinkOperator[]): Head {
    const { operators } = this.#options.vertex;
    const feeds = operators.map(() => new Feeds());
    edges.forEach((edge, i) => {
      feeds[edge.sourceOperator]!.of(edge.sideOutput).push(new EdgeReceiver(this.output.edges[i]!, this.faults, this.#labels(edge)));
    });
    for (let i = operators.length - 1; i > 0; i--) {
      const operator = operators[i]!;
      assert(operator.input !== undefined && operator.input < i, 'a chained operator comes after what feeds it');
      feeds[operator.input]!.of(operator.sideOutput).unshift(this.#operator(operator, feeds[i]!, sinks));
    }
    const head = this.#operator(operators[0]!, feeds[0]!, sinks);
    const first = 'advance' in head ? (head as Head) : new PlainHead(head);
    return this.#options.freeze ? new FreezingHead(first) : first;
  }

  #operator(operator: ChainedOperator, feeds: Feeds, sinks: SinkOperator[]): Receiver {
    const { state, subtask, freeze } = this.#options;
    const next = joinReceivers(feeds.of(undefined), freeze);
    const context: OperatorContext = {
      label: labelOf(operator, subtask),
      faults: this.faults,
      next,
      sides: feeds.sides(freeze),
      state: state.operator(operator.operatorId),
      epoch: this.#epoch,
      runtime: this.#runtime(operator),
    };
    const body = this.#bodyOf(operator);
    switch (body.kind) {
      case 'source':
        return next;
      case 'map':
        return new MapOperator(context, body.map);
      case 'flatMap':
        return new FlatMapOperator(context, body.flatMap);
      case 'filter':
        return new FilterOperator(context, body.filter);
      case 'process':
        return new ProcessOperator(context, body.process);
      case 'reduce':
        return new ReduceOperator(context, body.reduce);
      case 'keyedProcess':
        return new KeyedProcessOperator(context, body.process);
      case 'sink': {
        const sink = new SinkOperator(context, operator.operatorId, this.#sinkWriter(operator, body));
        sinks.push(sink);
        return sink;
      }
    }
  }

  #sinkWriter(operator: ChainedOperator, body: Extract<OperatorBody, { kind: 'sink' }>) {
    const { cloud, jobId, vertex, subtask } = this.#options;
    const { objects, clock } = cloud;
    try {
      return body.sink.createWriter({ objects, clock, jobId, operatorId: operator.operatorId, subtask, parallelism: vertex.parallelism });
    } catch (thrown) {
      throw atPosition(this.faults.of(labelOf(operator, subtask), thrown, 'createWriter'), undefined);
    }
  }

  #outputEdge({ edge, partitioning, targetVertex, targetInput }: JobEdge): OutputEdge {
    const target = this.#options.job.jobGraph.vertices.find((each) => each.vertexId === targetVertex);
    assert(target !== undefined, 'an edge leads to a vertex');
    const head = target.operators[0]!;
    const key = keyOf(this.#bodyOf(head));
    const label = labelOf(head, this.#options.subtask);
    const { faults } = this;
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
      ...(partition === undefined ? {} : { partition }),
    };
  }

  /** Who is to blame for what goes wrong on an edge: its emitter, or for keys its target. */
  #labels(edge: JobEdge): { readonly emitter: OperatorLabel; readonly target: OperatorLabel } {
    const { job, vertex, subtask } = this.#options;
    const target = job.jobGraph.vertices.find((each) => each.vertexId === edge.targetVertex)!;
    return { emitter: labelOf(vertex.operators[edge.sourceOperator]!, subtask), target: labelOf(target.operators[0]!, subtask) };
  }

  #runtime(operator: ChainedOperator): RuntimeContext {
    return { operatorName: operator.name, subtask: this.#options.subtask, parallelism: this.#options.vertex.parallelism };
  }

  #bodyOf(operator: ChainedOperator): OperatorBody {
    const body = this.#options.job.bodies[operator.node];
    assert(body !== undefined && body.kind === operator.kind, `operator "${operator.name}" has a body of its kind`);
    return body;
  }
}

/** What an operator feeds: the next operators and edges of its main output, and of its side outputs. */
class Feeds {
  readonly #byTag = new Map<string | undefined, Receiver[]>();

  of(sideOutput: string | undefined): Receiver[] {
    let receivers = this.#byTag.get(sideOutput);
    if (receivers === undefined) {
      receivers = [];
      this.#byTag.set(sideOutput, receivers);
    }
    return receivers;
  }

  sides(freeze: boolean): ReadonlyMap<string, Receiver> {
    const sides = new Map<string, Receiver>();
    for (const [tag, receivers] of this.#byTag) if (tag !== undefined) sides.set(tag, joinReceivers(receivers, freeze));
    return sides;
  }
}

class EdgeReceiver implements Receiver {
  readonly #writer: EdgeWriter;
  readonly #faults: Faults;
  readonly #labels: { readonly emitter: OperatorLabel; readonly target: OperatorLabel };

  constructor(writer: EdgeWriter, faults: Faults, labels: { readonly emitter: OperatorLabel; readonly target: OperatorLabel }) {
    this.#writer = writer;
    this.#faults = faults;
    this.#labels = labels;
  }

  receive(value: unknown, timestamp: number): void {
    try {
      this.#writer.receive(value, timestamp);
    } catch (thrown) {
      const ofKey = WeirError.is(thrown) && thrown.code === 'KEY_INVALID';
      throw this.#faults.of(ofKey ? this.#labels.target : this.#labels.emitter, thrown);
    }
  }
}

export function labelOf(operator: ChainedOperator, subtask: number): OperatorLabel {
  return { operator: operator.uid ?? operator.name, subtask };
}

function keyOf(body: OperatorBody): KeySelector<unknown, Key> | undefined {
  return body.kind === 'reduce' || body.kind === 'keyedProcess' ? body.key : undefined;
}

function functionOf(body: OperatorBody): { open?(context: RuntimeContext): void; close?(): void } | undefined {
  return body.kind === 'process' || body.kind === 'keyedProcess' ? body.process : undefined;
}
