import { assert } from '../base/assert.ts';
import type { StreamNode } from '../graph/job-graph.ts';
import type { OperatorBody } from '../stream/body.ts';
import type { BuiltJob } from '../stream/build-job.ts';
import type { ConnectorContext, Source } from '../stream/source.ts';
import type { Portable } from '../values/portable.ts';

/** One split of a source, read to its end. Positions are JSON. */
export interface ReferenceSplit {
  readonly node: number;
  /** Of the source, that the enumerator gave it to; and as its how-manieth, from 0 on. */
  readonly subtask: number;
  readonly turn: number;
  readonly splitId: string;
  readonly start: string;
  readonly batches: readonly { readonly records: readonly unknown[]; readonly position: string }[];
}

/** The splits of all sources of a bounded job, by node and then by id. Each read asks for `recordsPerRead` records. */
export async function readSplits(job: BuiltJob, context: ConnectorContext, recordsPerRead: number): Promise<readonly ReferenceSplit[]> {
  const splits: ReferenceSplit[] = [];
  for (const node of job.streamGraph.nodes) {
    const body = job.bodies[node.node];
    if (body?.kind === 'source') splits.push(...(await splitsOf(node, body, context, recordsPerRead)));
  }
  return splits;
}

async function splitsOf(
  node: StreamNode,
  { source }: Extract<OperatorBody, { kind: 'source' }>,
  context: ConnectorContext,
  recordsPerRead: number,
): Promise<readonly ReferenceSplit[]> {
  assert(source.boundedness === 'bounded', `source "${node.name}" ends`);
  const found: { readonly subtask: number; readonly splitId: string; readonly split: Portable }[] = [];
  let state: Portable | undefined;
  for (let done = false; !done; ) {
    const enumeration = await source.enumerate(state, { ...context, processingTime: context.clock.now(), parallelism: node.parallelism });
    found.push(...enumeration.assignments);
    state = enumeration.state;
    done = enumeration.done;
  }
  const splits: ReferenceSplit[] = [];
  for (const { subtask, splitId, split } of found) {
    const batches = await readBatches(source, split, context, recordsPerRead);
    const turn = splits.filter((each) => each.subtask === subtask).length;
    splits.push({ node: node.node, subtask, turn, splitId, start: JSON.stringify(source.startOf(split)), batches });
  }
  return splits.toSorted((a, b) => (a.splitId < b.splitId ? -1 : 1));
}

async function readBatches(
  source: Source<unknown>,
  split: Portable,
  context: ConnectorContext,
  records: number,
): Promise<ReferenceSplit['batches']> {
  const reader = source.createReader(context);
  const batches: { readonly records: readonly unknown[]; readonly position: string }[] = [];
  let position = source.startOf(split);
  for (let ended = false; !ended; ) {
    const batch = await reader.read(split, position, { records, bytes: 64 * 1024 * 1024 });
    position = batch.position;
    ended = batch.endOfSplit;
    batches.push({ records: batch.records, position: JSON.stringify(position) });
  }
  return batches;
}
