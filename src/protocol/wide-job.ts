import { commonPrefix } from '../base/common-prefix.ts';
import { limits } from '../base/limits.ts';
import type { JobGraph, JobVertex, Partitioning } from '../graph/job-graph.ts';
import type { JobDescription } from './job-description.ts';

/*
 * Jobs that are too wide for one workflow and one reader: their slots are called by groups, each by a workflow of its
 * own, and levels that many slots are fed by are sealed, so that each acknowledgement is read once and not by every slot.
 * Both go by the description alone, so that every step decides alike.
 */

/** Slots with consecutive numbers, and their functions. */
export interface SlotGroup {
  /** The number of its first slot. */
  readonly first: number;
  /** What the addresses of all functions begin with: a thousand of them, written out, would not fit into a payload. */
  readonly prefix: string;
  /** The rest of each address, by slot. */
  readonly functions: readonly string[];
}

/** Edges over which a subtask may get records of every upstream one. */
const allToAll: ReadonlySet<Partitioning> = new Set<Partitioning>(['hash', 'rebalance', 'shuffle', 'broadcast', 'custom']);

/** The acknowledgements that the slots of a level read, all together, if each reads its own. */
export function acknowledgementReads(graph: JobGraph, level: number, slots: number): number {
  const subtasks = new Map<string, JobVertex>(graph.vertices.map((vertex) => [vertex.vertexId, vertex]));
  const readers = new Map<string, number>();
  for (const { sourceVertex, targetVertex, partitioning } of graph.edges) {
    const target = subtasks.get(targetVertex);
    if (target?.level !== level || !allToAll.has(partitioning)) continue;
    readers.set(sourceVertex, Math.max(readers.get(sourceVertex) ?? 0, Math.min(slots, target.parallelism)));
  }
  let reads = 0;
  for (const [vertexId, slotsReading] of readers) reads += slotsReading * (subtasks.get(vertexId)?.parallelism ?? 0);
  // What a slot said itself it has in memory.
  return Math.floor((reads * (slots - 1)) / slots);
}

export const isSealed = (graph: JobGraph, level: number, slots: number): boolean =>
  acknowledgementReads(graph, level, slots) >= limits.sealedReadsMin;

const levelsOf = (graph: JobGraph): readonly number[] => Array.from({ length: graph.levels }, (_, level) => level);

/** Whether the job's slots are called by groups. A program without the workflow for it runs as all did before. */
export function runsInGroups({ program, slots, graph }: Pick<JobDescription, 'program' | 'slots' | 'graph'>): boolean {
  if (program.groupWorkflow === undefined) return false;
  return slots > limits.slotsPerGroupMax || levelsOf(graph).some((level) => isSealed(graph, level, slots));
}

/** The job's slots in as few groups as can be, of about equal size. */
export function slotGroups(functions: readonly string[]): readonly SlotGroup[] {
  const count = Math.ceil(functions.length / limits.slotsPerGroupMax);
  const prefix = commonPrefix(functions);
  return Array.from({ length: count }, (_, group) => {
    const first = Math.ceil((group * functions.length) / count);
    const last = Math.ceil(((group + 1) * functions.length) / count);
    return { first, prefix, functions: functions.slice(first, last).map((functionArn) => functionArn.slice(prefix.length)) };
  });
}

/** What a slot may use for a failure in its reply, so that all replies of an epoch fit into a payload. */
export function failureBytesMax(description: Pick<JobDescription, 'program' | 'slots' | 'graph'>): number {
  const { slots, graph } = description;
  const replies = runsInGroups(description)
    ? Math.max(limits.slotsPerGroupMax, Math.ceil(slots / limits.slotsPerGroupMax) * graph.levels)
    : slots * graph.levels;
  const share = Math.floor(limits.repliesBytesMax / Math.max(1, replies));
  return Math.max(limits.failureTextBytesMin, Math.min(limits.failureTextBytesMax, share));
}
