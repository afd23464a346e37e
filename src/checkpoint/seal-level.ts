import { encodeLevelIndex, type SenderSaid } from '../exchange/level-index.ts';
import { objectUris } from '../protocol/names.ts';
import { readAcknowledgements } from './acknowledgements.ts';
import type { SealCommand, SealReply } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';

/**
 * Reads once what all slots of a level would read each, and writes an index of it. Acknowledgements stand once they are
 * there, so however often a level is sealed, each index says the same; each has a name of its own, and slots use the one
 * that they are told of.
 */
export async function sealLevel(parts: CoordinatorParts, { jobId, level, epoch }: SealCommand): Promise<SealReply> {
  const { graph, stateRoot, slots } = await parts.jobs.description(jobId);
  const targets = new Set(graph.vertices.filter((vertex) => vertex.level === level).map((vertex) => vertex.vertexId));
  const sources = new Set(graph.edges.filter((edge) => targets.has(edge.targetVertex)).map((edge) => edge.sourceVertex));
  const upstream = graph.vertices.filter((vertex) => sources.has(vertex.vertexId));
  const { subtasks } = await readAcknowledgements(parts, upstream, epoch);
  const said = new Map<string, readonly SenderSaid[]>();
  for (const { vertexId } of upstream) {
    const row = subtasks.get(vertexId)?.filter((each) => each !== undefined) ?? [];
    if (row.length < (subtasks.get(vertexId)?.length ?? 0)) return { kind: 'missing' };
    said.set(vertexId, row);
  }
  const { bytes, ref } = encodeLevelIndex(said, slots);
  const uri = objectUris.levelIndex(stateRoot, epoch, level, parts.cloud.random.hex(8));
  await parts.cloud.objects.put(uri, bytes);
  return { kind: 'sealed', index: { uri, ...ref } };
}
