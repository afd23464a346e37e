import type { JobVertex } from '../graph/job-graph.ts';
import type { Acknowledgement, EnumeratorAcknowledgement } from '../protocol/acknowledgement.ts';
import type { AttemptAcknowledgements } from '../protocol/assemble-manifest.ts';
import { type AttemptName, recordKeys, type SubtaskName } from '../protocol/names.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';

/** All that the subtasks of these vertices, and the enumerators that ran, have acknowledged for an attempt. */
export async function readAcknowledgements(
  parts: CoordinatorParts,
  vertices: readonly JobVertex[],
  of: AttemptName,
  enumerated: readonly string[] = [],
): Promise<AttemptAcknowledgements> {
  const names: SubtaskName[] = vertices.flatMap(subtasksOf);
  names.push(...enumerated.map((vertexId) => ({ vertexId, subtask: -1 })));
  const found = await parts.cloud.records.getMany(names.map((name) => recordKeys.acknowledgement(of, name)));
  const subtasks = new Map<string, (Acknowledgement | undefined)[]>();
  const enumerators = new Map<string, EnumeratorAcknowledgement>();
  names.forEach((name, index) => {
    const fields: unknown = found[index]?.fields;
    if (name.subtask === -1) {
      if (fields !== undefined) enumerators.set(name.vertexId, fields as EnumeratorAcknowledgement);
      return;
    }
    const row = subtasks.get(name.vertexId) ?? [];
    row[name.subtask] = fields as Acknowledgement | undefined;
    subtasks.set(name.vertexId, row);
  });
  return { subtasks, enumerators };
}

const subtasksOf = (vertex: JobVertex): SubtaskName[] =>
  Array.from({ length: vertex.parallelism }, (_, subtask) => ({ vertexId: vertex.vertexId, subtask }));
