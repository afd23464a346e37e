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
import type { OperatorBody } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { WatermarkStrategy } from '../stream/functions.ts';
import { maxWatermark } from '../stream/functions.ts';
import type { ConnectorContext, Source, SplitReader } from '../stream/source.ts';
import type { Portable } from '../values/portable.ts';
import { type Emit, type ReferenceOperator, referenceOperator } from './reference-operators.ts';

export interface ReferenceOutput {
  /** What each sink was given, in order, by the sink's uid, or its name where it has none. */
  readonly sinks: ReadonlyMap<string, readonly unknown[]>;
}

interface Running {
  readonly operator: ReferenceOperator;
  /** Nodes that this one feeds, with the input that it is of theirs. */
  readonly next: { readonly node: number; readonly input: number }[];
  readonly watermarks: number[];
  watermark: number;
}

/** Runs a bounded job to its end. */
export async function runReference(job: BuiltJob, context: ConnectorContext): Promise<ReferenceOutput> {
  const sinks = new Map<string, unknown[]>();
  const running = job.streamGraph.nodes.map((node) => ({
    operator: referenceOperator(node, bodyOf(job, node), sinks),
    next: [] as { node: number; input: number }[],
    watermarks: node.inputs.map(() => Number.NEGATIVE_INFINITY),
    watermark: Number.NEGATIVE_INFINITY,
  }));
  for (const node of job.streamGraph.nodes) node.inputs.forEach((edge, input) => running[edge.source]!.next.push({ node: node.node, input }));
  const splits: Split[] = [];
  for (const node of job.streamGraph.nodes) {
    const body = bodyOf(job, node);
    if (body.kind === 'source') splits.push(...(await readSplits(node, body.source, body.watermarks, context)));
  }
  while (splits.length > 0) {
    const split = splits.reduce((lowest, each) => (each.watermark < lowest.watermark ? each : lowest));
    const record = split.records.shift();
    if (record === undefined) splits.splice(splits.indexOf(split), 1);
    else {
      const timestamp = split.strategy?.timestamp(record as never);
      emitterOf(running, split.node)(record, timestamp);
      if (timestamp !== undefined) split.watermark = Math.max(split.watermark, timestamp - (split.strategy?.maxOutOfOrdernessMs ?? 0) - 1);
    }
    advance(running, split.node, Math.min(maxWatermark, ...splits.filter((each) => each.node === split.node).map((each) => each.watermark)));
  }
  return { sinks };
}

function bodyOf(job: BuiltJob, node: StreamNode): OperatorBody {
  const body = job.bodies[node.node];
  assert(body !== undefined, `node ${node.node} has a body`);
  return body;
}

function emitterOf(running: readonly Running[], node: number): Emit {
  return (value, timestamp) => {
    for (const target of running[node]!.next) running[target.node]!.operator.element(value, timestamp, emitterOf(running, target.node));
  };
}

/** Lets the watermark of a node rise, and with it those that depend on it. */
function advance(running: readonly Running[], node: number, watermark: number): void {
  const here = running[node]!;
  if (watermark <= here.watermark) return;
  here.watermark = watermark;
  here.operator.watermark(watermark, emitterOf(running, node));
  for (const target of here.next) {
    const there = running[target.node]!;
    there.watermarks[target.input] = Math.max(there.watermarks[target.input]!, watermark);
    advance(running, target.node, Math.min(...there.watermarks));
  }
}

interface Split {
  readonly node: number;
  readonly records: unknown[];
  readonly strategy: WatermarkStrategy<unknown> | undefined;
  watermark: number;
}

async function readSplits(node: StreamNode, source: Source<unknown>, strategy: WatermarkStrategy<unknown> | undefined, context: ConnectorContext): Promise<readonly Split[]> {
  assert(source.boundedness === 'bounded', `source "${node.name}" ends`);
  const splits: { readonly splitId: string; readonly split: Portable }[] = [];
  let state: Portable | undefined;
  for (let done = false; !done; ) {
    const found = await source.enumerate(state, { ...context, processingTime: context.clock.now(), parallelism: node.parallelism });
    splits.push(...found.assignments);
    state = found.state;
    done = found.done;
  }
  const reader = source.createReader(context);
  const read: Split[] = [];
  for (const { split } of splits) read.push({ node: node.node, records: await readWhole(source, reader, split), strategy, watermark: Number.NEGATIVE_INFINITY });
  return read;
}

async function readWhole(source: Source<unknown>, reader: SplitReader<unknown, Portable, Portable>, split: Portable): Promise<unknown[]> {
  const records: unknown[] = [];
  let position = source.startOf(split);
  for (let ended = false; !ended; ) {
    const batch = await reader.read(split, position, { records: 100_000, bytes: 64 * 1024 * 1024 });
    records.push(...batch.records);
    position = batch.position;
    ended = batch.endOfSplit;
  }
  return records;
}
