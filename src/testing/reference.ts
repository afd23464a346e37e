/**
 * A job, run in the simplest way that could be right: one thread, one record at a time, no epochs, no parallelism, no
 * failures. What the engine does is compared with it, so it shares no code with the engine: it knows graphs, user
 * functions and values only.
 *
 * The order is one that a parallel run could have: the split whose watermark is lowest goes first. Where a job's results
 * depend on the order between splits, the engine may rightly come to others.
 */
import { assert } from '../base/assert.ts';
import type { StreamNode } from '../graph/job-graph.ts';
import { accumulateInto, runtimeContext } from '../stream/accumulators.ts';
import type { OperatorBody } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { WatermarkStrategy } from '../stream/functions.ts';
import { maxWatermark } from '../stream/functions.ts';
import type { ConnectorContext } from '../stream/source.ts';
import type { NamedAccumulator } from '../values/accumulator.ts';
import type { Portable } from '../values/portable.ts';
import { ReferenceAccumulators } from './reference-accumulators.ts';
import { type Emit, type ReferenceOperator, type ReferenceState, referenceOperator } from './reference-operators.ts';
import { type ReferenceSplit, readSplits } from './reference-splits.ts';

export interface ReferenceOutput {
  /** What each sink was given, in order, by the sink's uid, or its name where it has none. */
  readonly sinks: ReadonlyMap<string, readonly unknown[]>;
}

/** Runs a bounded job to its end. */
export async function runReference(job: BuiltJob, context: ConnectorContext): Promise<ReferenceOutput> {
  const run = await ReferenceRun.over(job, context);
  run.runToEnd();
  return run;
}

export interface ReferenceOptions {
  /** How many records are read at a time: 1 to know the position after each of them. Default: many. */
  readonly recordsPerRead?: number;
}

interface Running {
  readonly operator: ReferenceOperator;
  /** Edges to the nodes that this one feeds: with the position among their edges, and which of their inputs it leads to. */
  readonly next: { readonly node: number; readonly position: number; readonly input: 0 | 1; readonly sideOutput: string | undefined }[];
  readonly watermarks: number[];
  watermark: number;
}

interface Split extends ReferenceSplit {
  readonly strategy: WatermarkStrategy<unknown> | undefined;
  /** Of the next batch, and of the next record in it. */
  batch: number;
  record: number;
  watermark: number;
}

/** A run that can be stopped at any positions of its splits, to be compared with a checkpoint, and go on from there. */
export class ReferenceRun implements ReferenceOutput {
  readonly sinks = new Map<string, unknown[]>();
  readonly #running: readonly Running[];
  readonly #splits: readonly Split[];
  readonly #accumulators = new ReferenceAccumulators();

  static async over(job: BuiltJob, context: ConnectorContext, options: ReferenceOptions = {}): Promise<ReferenceRun> {
    return new ReferenceRun(job, await readSplits(job, context, options.recordsPerRead ?? 100_000));
  }

  private constructor(job: BuiltJob, splits: readonly ReferenceSplit[]) {
    this.#splits = splits.map((split) => {
      const body = job.bodies[split.node];
      const strategy = body?.kind === 'source' ? body.watermarks : undefined;
      return { ...split, strategy, batch: 0, record: 0, watermark: Number.NEGATIVE_INFINITY };
    });
    accumulateInto(this.#accumulators);
    this.#running = job.streamGraph.nodes.map((node) => ({
      operator: referenceOperator(bodyOf(job, node), {
        runtime: runtimeContext({ operatorName: node.name, subtask: 0, parallelism: 1 }),
        collect: this.#collectorOf(node),
      }),
      next: [],
      watermarks: node.inputs.map(() => Number.NEGATIVE_INFINITY),
      watermark: Number.NEGATIVE_INFINITY,
    }));
    for (const node of job.streamGraph.nodes)
      node.inputs.forEach(({ source, input, sideOutput }, position) => {
        this.#running[source]!.next.push({ node: node.node, position, input: input ?? 0, sideOutput });
      });
  }

  #collectorOf(node: StreamNode): (value: unknown) => void {
    if (node.kind !== 'sink') return () => undefined;
    const collected: unknown[] = [];
    this.sinks.set(node.uid ?? node.name, collected);
    return (value) => collected.push(value);
  }

  runToEnd(): void {
    accumulateInto(this.#accumulators);
    this.#run(() => false);
    accumulateInto(undefined);
  }

  /**
   * Runs on until every split is at its position, or at its end where it has none, by source node and split id. `stamp`
   * is the processing time meanwhile: timers up to it fire before everything else, as nothing has reached an operator yet
   * from those before it, and once more at the end, when all has. Left out, processing time stands still.
   */
  runTo(positionOf: (node: number, splitId: string) => Portable | undefined, stamp?: number): void {
    const ends = new Map(this.#splits.map((split) => [split, JSON.stringify(positionOf(split.node, split.splitId))]));
    const hereOf = (split: Split) => (split.batch === 0 ? split.start : split.batches[split.batch - 1]!.position);
    const nodes = [...this.#running.keys()];
    accumulateInto(this.#accumulators);
    if (stamp !== undefined) for (const { operator } of this.#running) operator.begin(stamp);
    if (stamp !== undefined) for (const node of nodes.toReversed()) this.#advanceProcessingTime(node, stamp);
    this.#run((split) => split.record === 0 && hereOf(split) === ends.get(split));
    if (stamp !== undefined) for (const node of nodes) this.#advanceProcessingTime(node, stamp);
    accumulateInto(undefined);
  }

  /** Event time comes to its end although the input does not: all timers fire. */
  drain(): void {
    accumulateInto(this.#accumulators);
    for (const node of new Set(this.#splits.map((split) => split.node))) this.#advance(node, maxWatermark);
    accumulateInto(undefined);
  }

  /** What the job's functions have added up. */
  get accumulators(): readonly NamedAccumulator[] {
    return this.#accumulators.values;
  }

  /** What a node keeps as state; nothing if it keeps none. */
  stateOf(node: number): ReferenceState | undefined {
    return this.#running[node]?.operator.state;
  }

  #run(isThere: (split: Split) => boolean): void {
    for (;;) {
      const open = this.#splits.filter((split) => !isOver(split) && !isThere(split));
      if (open.length === 0) break;
      this.#step(open.reduce((lowest, each) => (each.watermark < lowest.watermark ? each : lowest)));
    }
    for (const node of new Set(this.#splits.map((split) => split.node))) this.#advance(node, this.#watermarkOf(node));
  }

  #step(split: Split): void {
    const batch = split.batches[split.batch]!;
    const record = batch.records[split.record++];
    const isLast = split.record >= batch.records.length;
    if (isLast) {
      split.batch++;
      split.record = 0;
    }
    if (batch.records.length > 0) {
      const timestamp = split.strategy?.timestamp(record as never);
      this.#emitterOf(split.node)(record, timestamp);
      if (timestamp !== undefined) split.watermark = Math.max(split.watermark, timestamp - (split.strategy?.maxOutOfOrdernessMs ?? 0) - 1);
    }
    this.#advance(split.node, this.#watermarkOf(split.node));
  }

  /** Of a source: the lowest of the splits that have more to come. */
  #watermarkOf(node: number): number {
    return Math.min(maxWatermark, ...this.#splits.filter((split) => split.node === node && !isOver(split)).map((split) => split.watermark));
  }

  #emitterOf(node: number): Emit {
    return (value, timestamp, sideOutput) => {
      for (const target of this.#running[node]!.next) {
        if (target.sideOutput !== sideOutput) continue;
        this.#running[target.node]!.operator.element(value, timestamp, this.#emitterOf(target.node), target.input);
      }
    };
  }

  #advanceProcessingTime(node: number, stamp: number): void {
    this.#running[node]!.operator.processingTime(stamp, this.#emitterOf(node));
  }

  /** Lets the watermark of a node rise, and with it those that depend on it. */
  #advance(node: number, watermark: number): void {
    const here = this.#running[node]!;
    if (watermark <= here.watermark) return;
    here.watermark = watermark;
    here.operator.watermark(watermark, this.#emitterOf(node));
    for (const target of here.next) {
      const there = this.#running[target.node]!;
      there.watermarks[target.position] = Math.max(there.watermarks[target.position]!, watermark);
      this.#advance(target.node, Math.min(...there.watermarks));
    }
  }
}

const isOver = (split: Split): boolean => split.batch >= split.batches.length;

function bodyOf(job: BuiltJob, node: StreamNode): OperatorBody {
  const body = job.bodies[node.node];
  assert(body !== undefined, `node ${node.node} has a body`);
  return body;
}
