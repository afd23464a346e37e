import { WeirError } from '../base/errors.ts';
import type { Partitioning } from '../graph/job-graph.ts';
import { subtaskOfKeyGroup } from '../graph/key-groups.ts';
import { scatteredTarget } from '../graph/scattered-target.ts';
import type { Key } from '../values/key.ts';
import { keyGroupOf } from '../values/key-hash.ts';
import { checkPlain } from '../values/plain-value.ts';
import type { RecordRun } from './api.ts';
import { targetsOf } from './routing.ts';
import { RunBuffer, unknownKeyGroup } from './run-buffer.ts';

/** An edge as its sender sees it. */
export interface OutputEdge {
  /** Position in `JobGraph.edges`. */
  readonly edge: number;
  readonly partitioning: Partitioning;
  readonly senders: number;
  readonly targets: number;
  /** Of the target vertex; for hash edges. */
  readonly maxParallelism: number;
  /** For hash edges; what it throws comes through as it is. */
  readonly key: ((value: unknown) => Key) | undefined;
  /** The key is a field of the record. */
  readonly keyInRecord?: boolean;
  /** For custom edges: the target subtask; what it throws comes through as it is. */
  readonly partition?: (value: unknown, targets: number) => number;
}

/** What a subtask gathered for one target, or on broadcast edges for all of them. */
export interface GatheredRun {
  readonly edge: number;
  readonly targets: readonly number[];
  readonly run: RecordRun;
}

/** Of so many records, one is checked to be plain data at once, whether or not it will be encoded. */
const checkedOneIn = 1024;

/**
 * Gathers what one subtask emits in an epoch, by edge and target. The watermark is noted with the records: set it
 * before what is emitted under it.
 */
export class OutputWriter {
  /** Of the subtask; -Infinity while there is none. Never goes back. */
  watermark = Number.NEGATIVE_INFINITY;
  readonly edges: readonly EdgeWriter[];

  constructor(edges: readonly OutputEdge[], subtask: number) {
    this.edges = edges.map((edge) => makeEdgeWriter(this, edge, subtask));
  }

  /** Begins an epoch, with the watermark that the one before ended with. Nothing of an earlier epoch is kept. */
  begin(watermark: number, stamp: number): void {
    this.watermark = watermark;
    for (const edge of this.edges) edge.begin(watermark, stamp);
  }

  /** What was emitted since `begin`: runs of at least one record. */
  take(): readonly GatheredRun[] {
    return this.edges.flatMap((edge) => edge.take());
  }

  /** Records emitted since `begin`, counted once for each edge. */
  get records(): number {
    return this.edges.reduce((sum, edge) => sum + edge.records, 0);
  }
}

/** Takes what leaves the subtask over one edge. `timestamp` is NaN where there is none. */
export abstract class EdgeWriter {
  records = 0;
  protected readonly output: OutputWriter;
  protected readonly edge: OutputEdge;
  protected readonly targets: readonly number[];
  protected buffers: RunBuffer[] = [];
  protected stamp = 0;
  #taken: readonly RunBuffer[] = [];

  constructor(output: OutputWriter, edge: OutputEdge, subtask: number) {
    this.output = output;
    this.edge = edge;
    this.targets = targetsOf(edge, subtask);
  }

  begin(watermark: number, stamp: number): void {
    this.records = 0;
    this.stamp = stamp;
    // What was taken in an epoch is read in that epoch, so that its memory is free: the allocation of as much each time, and
    // the garbage collections that it sets off, would take a tenth of a busy subtask's time.
    this.buffers = Array.from({ length: this.channels() }, (_, channel) => new RunBuffer(watermark, this.#taken[channel]));
    this.#taken = [];
  }

  receive(value: unknown, timestamp: number): void {
    if (this.records++ % checkedOneIn === 0) refuseUnlessPlain(value);
    this.route(value, timestamp);
  }

  take(): readonly GatheredRun[] {
    const taken = this.buffers.map((run, i) => ({ edge: this.edge.edge, targets: this.targetsOfChannel(i), run }));
    this.#taken = this.buffers;
    this.buffers = [];
    return taken.filter(({ run }) => run.values.length > 0);
  }

  protected abstract route(value: unknown, timestamp: number): void;

  protected channels(): number {
    return this.targets.length;
  }

  protected targetsOfChannel(channel: number): readonly number[] {
    return [this.targets[channel]!];
  }
}

/** Forward, global, broadcast: all records go one way. */
class OneWay extends EdgeWriter {
  protected route(value: unknown, timestamp: number): void {
    this.buffers[0]!.append(value, timestamp, this.output.watermark);
  }

  protected override channels(): number {
    return 1;
  }

  protected override targetsOfChannel(): readonly number[] {
    return this.targets;
  }
}

class ByKey extends EdgeWriter {
  readonly #key: (value: unknown) => Key;
  readonly #keyInRecord: boolean;
  readonly #maxParallelism: number;
  readonly #targetOfGroup: Int32Array;

  constructor(output: OutputWriter, edge: OutputEdge, subtask: number, key: (value: unknown) => Key) {
    super(output, edge, subtask);
    this.#key = key;
    this.#keyInRecord = edge.keyInRecord === true;
    this.#maxParallelism = edge.maxParallelism;
    this.#targetOfGroup = Int32Array.from({ length: edge.maxParallelism }, (_, group) =>
      subtaskOfKeyGroup(group, edge.targets, edge.maxParallelism),
    );
  }

  protected route(value: unknown, timestamp: number): void {
    const key = this.#key(value);
    const keyGroup = keyGroupOf(key, this.#maxParallelism);
    const buffer = this.buffers[this.#targetOfGroup[keyGroup]!]!;
    // To hash an integer again costs less than to send its key group along.
    const told = typeof key === 'number' && (key | 0) === key ? unknownKeyGroup : keyGroup;
    buffer.appendKeyed(value, timestamp, this.output.watermark, this.#keyInRecord ? undefined : key, told);
  }
}

/** Rebalance and rescale: in turn, beginning anew in each epoch, so that a replay goes the same way. */
class InTurn extends EdgeWriter {
  readonly #first: number;
  #next = 0;

  constructor(output: OutputWriter, edge: OutputEdge, subtask: number) {
    super(output, edge, subtask);
    this.#first = subtask % this.targets.length;
  }

  override begin(watermark: number, stamp: number): void {
    super.begin(watermark, stamp);
    this.#next = this.#first;
  }

  protected route(value: unknown, timestamp: number): void {
    this.buffers[this.#next]!.append(value, timestamp, this.output.watermark);
    if (++this.#next === this.buffers.length) this.#next = 0;
  }
}

/** Shuffle: as if by chance. */
class Scattered extends EdgeWriter {
  readonly #subtask: number;

  constructor(output: OutputWriter, edge: OutputEdge, subtask: number) {
    super(output, edge, subtask);
    this.#subtask = subtask;
  }

  protected route(value: unknown, timestamp: number): void {
    const target = scatteredTarget(this.stamp, this.#subtask, this.records, this.buffers.length);
    this.buffers[target]!.append(value, timestamp, this.output.watermark);
  }
}

/** Custom: wherever the job's partitioner sends it. */
class ByPartitioner extends EdgeWriter {
  readonly #partition: (value: unknown, targets: number) => number;

  constructor(output: OutputWriter, edge: OutputEdge, subtask: number, partition: (value: unknown, targets: number) => number) {
    super(output, edge, subtask);
    this.#partition = partition;
  }

  protected route(value: unknown, timestamp: number): void {
    const { targets } = this.edge;
    const target = this.#partition(value, targets);
    const buffer = this.buffers[target];
    if (buffer === undefined) throw noSuchPartition(target, targets);
    buffer.append(value, timestamp, this.output.watermark);
  }
}

function makeEdgeWriter(output: OutputWriter, edge: OutputEdge, subtask: number): EdgeWriter {
  switch (edge.partitioning) {
    case 'hash':
      if (edge.key === undefined) throw new TypeError('A hash edge has a key.');
      return new ByKey(output, edge, subtask, edge.key);
    case 'rebalance':
    case 'rescale':
      return new InTurn(output, edge, subtask);
    case 'shuffle':
      return new Scattered(output, edge, subtask);
    case 'custom':
      if (edge.partition === undefined) throw new TypeError('A custom edge has a partitioner.');
      return new ByPartitioner(output, edge, subtask, edge.partition);
    default:
      return new OneWay(output, edge, subtask);
  }
}

function noSuchPartition(found: unknown, targets: number): WeirError {
  return new WeirError({
    code: 'PARTITION_INVALID',
    domain: 'program',
    message: `A partitioner should give a subtask of the next operator, a whole number from 0 to ${targets - 1}, but gave ${String(found)}.`,
    advice: 'Let it return a number from 0 to the number of partitions, without the latter: often key % partitions.',
  });
}

function refuseUnlessPlain(value: unknown): void {
  const found = value === undefined ? 'the record is undefined' : checkPlain(value);
  if (found === undefined) return;
  throw new WeirError({
    code: 'VALUE_NOT_PLAIN',
    domain: 'program',
    message: `Records must be plain data (null, booleans, numbers, bigint, strings, dates, byte arrays, lists and plain objects), but ${found}.`,
    advice: 'Turn it into plain data before it leaves the operator.',
  });
}
