/**
 * A job, run as its subtasks would run it if they took turns and nothing ever failed: one thread, the epochs that a
 * checkpoint's source positions say, level by level, records in lists. So the order of everything is known, and the engine
 * must come to the same in every subtask, whatever the job: state, output and watermarks. It shares no code with the
 * engine: it knows graphs, user functions and values only.
 *
 * 1. A subtask takes its input lowest watermark first; of equals the broadcast side, then by input, then by sender.
 * 2. Timers fire as the combined watermark rises between records, under the watermark that held before.
 * 3. Of a source subtask's splits, each is read once in an epoch: the one that is furthest behind first, then by id. A
 *    source that reads on and on in one epoch must have no more than one split for a subtask, or no event time.
 */
import { assert } from '../base/assert.ts';
import type { JobVertex } from '../graph/job-graph.ts';
import { accumulateInto, runtimeContext } from '../stream/accumulators.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import { maxWatermark, type WatermarkStrategy } from '../stream/functions.ts';
import type { ConnectorContext } from '../stream/source.ts';
import type { NamedAccumulator } from '../values/accumulator.ts';
import type { Portable } from '../values/portable.ts';
import { ReferenceAccumulators } from './reference-accumulators.ts';
import { type Letter, mergeByWatermark, type Sender } from './reference-merge.ts';
import { type Emit, type ReferenceOperator, type ReferenceState, referenceOperator } from './reference-operators.ts';
import { ReferenceRoute } from './reference-routing.ts';
import { type ReferenceSplit, readSplits } from './reference-splits.ts';

/** Where an epoch ends. */
export interface EpochCut {
  readonly stamp: number;
  /** The positions of the splits that are not read to their ends, by source node and split id. */
  positionOf(node: number, splitId: string): Portable | undefined;
  /** How many splits a source subtask has ever been given, and whether there will be no more; by source node. */
  assigned(node: number, subtask: number): { readonly splits: number; readonly done: boolean };
  /** Event time comes to its end although the input does not. */
  readonly drain?: boolean;
}

interface Split extends ReferenceSplit {
  /** Of the next batch. */
  batch: number;
  watermark: number;
}

/** A list of letters over one edge from one sender to one target. */
const boxOf = (edge: number, sender: number, target: number): string => `${edge} ${sender} ${target}`;

class Subtask {
  readonly vertex: JobVertex;
  readonly subtask: number;
  readonly operators: readonly ReferenceOperator[];
  readonly splits: readonly Split[];
  /** Of a source: those that it has been given, and whether there will be no more. */
  assigned: readonly Split[] = [];
  done = false;
  readonly collected: unknown[][];
  readonly accumulators = new ReferenceAccumulators();
  watermark = Number.NEGATIVE_INFINITY;
  endOfInput = false;
  /** Nobody waits for it. */
  idle = false;
  /** By edge and sender: how far they had come in the epoch before. */
  readonly senders = new Map<string, number>();

  constructor(job: BuiltJob, vertex: JobVertex, subtask: number, splits: readonly ReferenceSplit[]) {
    this.vertex = vertex;
    this.subtask = subtask;
    this.splits = splits.map((split) => ({ ...split, batch: 0, watermark: Number.NEGATIVE_INFINITY }));
    this.collected = vertex.operators.map(() => []);
    accumulateInto(this.accumulators);
    this.operators = vertex.operators.map(({ node, name }, index) => {
      const runtime = runtimeContext({ operatorName: name, subtask, parallelism: vertex.parallelism });
      return referenceOperator(job.bodies[node]!, { runtime, collect: (value) => this.collected[index]!.push(value) });
    });
  }
}

export class ReferenceSubtasks {
  readonly #job: BuiltJob;
  readonly #routes: readonly ReferenceRoute[];
  readonly #subtasks: readonly Subtask[];
  #boxes = new Map<string, Letter[]>();
  /** Records sent in this epoch, by edge and sender. */
  #sent = new Map<string, number>();
  #stamp = 0;

  static async over(job: BuiltJob, context: ConnectorContext): Promise<ReferenceSubtasks> {
    return new ReferenceSubtasks(job, await readSplits(job, context, 1));
  }

  private constructor(job: BuiltJob, splits: readonly ReferenceSplit[]) {
    this.#job = job;
    this.#routes = job.jobGraph.edges.map((edge) => new ReferenceRoute(job, edge));
    const byLevel = job.jobGraph.vertices.toSorted((a, b) => a.level - b.level);
    this.#subtasks = byLevel.flatMap((vertex) => {
      const own = splits.filter((split) => split.node === vertex.operators[0]!.node);
      const partOf = (subtask: number) => own.filter((split) => split.subtask === subtask);
      return Array.from({ length: vertex.parallelism }, (_, subtask) => new Subtask(job, vertex, subtask, partOf(subtask)));
    });
  }

  runEpoch(cut: EpochCut): void {
    this.#stamp = cut.stamp;
    this.#boxes = new Map();
    this.#sent = new Map();
    for (const each of this.#subtasks) {
      accumulateInto(each.accumulators);
      for (const collected of each.collected) collected.length = 0;
      for (const operator of each.operators) operator.begin(cut.stamp);
      if (each.vertex.operators[0]!.kind === 'source') this.#readSource(each, cut);
      else this.#takeInput(each);
    }
    accumulateInto(undefined);
  }

  /** After the epoch. Nothing where the operator keeps no state. */
  stateOf(vertexId: string, subtask: number, operator: number): ReferenceState | undefined {
    return this.#of(vertexId, subtask).operators[operator]!.state;
  }

  /** What the subtask's functions have added up since the job began. */
  accumulatorsOf(vertexId: string, subtask: number): readonly NamedAccumulator[] {
    return this.#of(vertexId, subtask).accumulators.values;
  }

  /** What a sink was given in the epoch. */
  collected(vertexId: string, subtask: number, operator: number): readonly unknown[] {
    return this.#of(vertexId, subtask).collected[operator]!;
  }

  /** After the epoch; -Infinity while there is none. */
  watermarkOf(vertexId: string, subtask: number): number {
    return this.#of(vertexId, subtask).watermark;
  }

  endOfInput(vertexId: string, subtask: number): boolean {
    return this.#of(vertexId, subtask).endOfInput;
  }

  #of(vertexId: string, subtask: number): Subtask {
    const found = this.#subtasks.find((each) => each.vertex.vertexId === vertexId && each.subtask === subtask);
    assert(found !== undefined, `vertex ${vertexId} has a subtask ${subtask}`);
    return found;
  }

  #readSource(source: Subtask, cut: EpochCut): void {
    const { node } = source.vertex.operators[0]!;
    const body = this.#job.bodies[node]!;
    assert(body.kind === 'source', 'a source heads its chain');
    const { splits, done } = cut.assigned(node, source.subtask);
    source.assigned = source.splits.filter(({ turn }) => turn < splits);
    source.done = done;
    for (const split of openOf(source).toSorted((a, b) => a.watermark - b.watermark || (a.splitId < b.splitId ? -1 : 1))) {
      const end = JSON.stringify(cut.positionOf(node, split.splitId));
      while (isOpen(split) && positionOf(split) !== end) {
        for (const record of split.batches[split.batch]!.records) {
          this.#readRecord(source, split, record, body.watermarks);
          raise(source);
        }
        split.batch++;
        raise(source);
      }
    }
    if (cut.drain === true) source.watermark = maxWatermark;
    raise(source);
    source.endOfInput = done && openOf(source).length === 0;
    source.idle = !done && openOf(source).length === 0;
  }

  #readRecord(source: Subtask, split: Split, record: unknown, strategy: WatermarkStrategy<unknown> | undefined): void {
    const timestamp = strategy?.timestamp(record);
    this.#emitterOf(source, 0)(record, timestamp);
    if (timestamp === undefined) return;
    split.watermark = Math.max(split.watermark, timestamp - (strategy?.maxOutOfOrdernessMs ?? 0) - 1);
  }

  #takeInput(target: Subtask): void {
    const head = target.operators[0]!;
    const emit = this.#emitterOf(target, 0);
    const senders = this.#sendersTo(target);
    head.processingTime(this.#stamp, emit);
    mergeByWatermark(senders, {
      take: ({ value, timestamp }, input) => head.element(value, timestamp, emit, input),
      rise: (watermark) => {
        if (watermark <= target.watermark) return;
        head.watermark(watermark, emit);
        target.watermark = watermark;
      },
    });
    head.processingTime(this.#stamp, emit);
    for (const { from, last } of senders) target.senders.set(from, last);
    const upstream = this.#upstreamOf(target);
    target.endOfInput = upstream.every(({ from }) => from.endOfInput);
    target.idle = !target.endOfInput && target.watermark !== maxWatermark && upstream.every(({ from }) => from.idle);
  }

  #sendersTo(target: Subtask): readonly (Sender & { readonly from: string })[] {
    return this.#upstreamOf(target).map(({ route, from: { subtask, watermark, idle } }) => {
      const from = `${route.edge.edge} ${subtask}`;
      const letters = this.#boxes.get(boxOf(route.edge.edge, subtask, target.subtask)) ?? [];
      const first = target.senders.get(from) ?? Number.NEGATIVE_INFINITY;
      return { from, letters, input: route.input, first, last: watermark, idle };
    });
  }

  #upstreamOf({ vertex, subtask }: Subtask): readonly { readonly route: ReferenceRoute; readonly from: Subtask }[] {
    return this.#routesInto(vertex).flatMap((route) =>
      this.#subtasks
        .filter((from) => from.vertex === route.source && route.connects(from.subtask, subtask))
        .map((from) => ({ route, from })),
    );
  }

  /** In the order in which ties are resolved. */
  #routesInto(vertex: JobVertex): readonly ReferenceRoute[] {
    const rank = (route: ReferenceRoute) => (route.edge.partitioning === 'broadcast' ? 0 : 1);
    const into = this.#routes.filter((route) => route.target === vertex);
    return into.toSorted((a, b) => rank(a) - rank(b) || a.edge.targetInput - b.edge.targetInput);
  }

  /** Of one operator of a chain: to those that it feeds in the chain, then over the edges. */
  #emitterOf(from: Subtask, index: number): Emit {
    const { vertex, operators } = from;
    return (value, timestamp, sideOutput) => {
      vertex.operators.forEach((operator, next) => {
        if (operator.input !== index || operator.sideOutput !== sideOutput) return;
        operators[next]!.element(value, timestamp, this.#emitterOf(from, next), 0);
      });
      for (const route of this.#routes) {
        const { sourceOperator, sideOutput: tag } = route.edge;
        if (route.source === vertex && sourceOperator === index && tag === sideOutput) this.#send(route, from, { value, timestamp });
      }
    };
  }

  #send(route: ReferenceRoute, from: Subtask, { value, timestamp }: Omit<Letter, 'watermark'>): void {
    const { edge } = route.edge;
    const counter = `${edge} ${from.subtask}`;
    const position = this.#sent.get(counter) ?? 0;
    this.#sent.set(counter, position + 1);
    for (const target of route.targetsOf(value, from.subtask, position, this.#stamp)) {
      const box = boxOf(edge, from.subtask, target);
      const letters = this.#boxes.get(box) ?? [];
      this.#boxes.set(box, [...letters, { value, timestamp, watermark: from.watermark }]);
    }
  }
}

const positionOf = (split: Split): string => (split.batch === 0 ? split.start : split.batches[split.batch - 1]!.position);
const isOpen = (split: Split): boolean => split.batch < split.batches.length;
const openOf = (source: Subtask): readonly Split[] => source.assigned.filter(isOpen);

/** A source subtask is as far as the split that is furthest behind, or at the end of time; without splits it stays. */
function raise(source: Subtask): void {
  const open = openOf(source).map((split) => split.watermark);
  if (open.length > 0) source.watermark = Math.max(source.watermark, Math.min(...open));
  else if (source.done) source.watermark = maxWatermark;
}
