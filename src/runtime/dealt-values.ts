import type { ChainedOperator, JobGraph } from '../graph/job-graph.ts';
import type { Manifest, ManifestVertex, RestoredOperatorState } from '../protocol/manifest.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import { operatorValuesIn, type StateSchemas, type StoredOperatorValues } from '../state/index.ts';
import type { Portable } from '../values/portable.ts';
import { dealOperatorValues } from './deal-state.ts';
import { InputWatermarks, watermarksStateName } from './input-watermarks.ts';

/** A subtask of a restored vertex that has not stored operator state of its own yet. */
export interface DealtSubtask {
  readonly manifest: Manifest;
  readonly vertex: ManifestVertex;
  readonly operators: readonly ChainedOperator[];
  readonly subtask: number;
}

export type OperatorValuesByName = ReadonlyMap<string, ReadonlyMap<string, Portable>>;

/** The old segments that its operator values are dealt out from. */
export const dealtSegments = ({ vertex, subtask }: DealtSubtask): readonly SegmentRef[] =>
  (vertex.operatorStates ?? []).flatMap((state) => neededOf(state, subtask).filter((ref) => ref !== null));

/** At the same parallelism a subtask mostly needs its own alone. */
const neededOf = ({ own, from }: RestoredOperatorState, subtask: number): readonly (SegmentRef | null)[] =>
  own === undefined ? from : from.map((ref, index) => (index === subtask ? ref : null));

/** The operator values that it begins with, by operator; `bytesOf` has what `dealtSegments` asked for. */
export function dealtValues(
  dealt: DealtSubtask,
  {
    graph,
    schemas,
    bytesOf,
  }: { readonly graph: JobGraph; readonly schemas: StateSchemas; readonly bytesOf: (ref: SegmentRef) => Uint8Array },
): OperatorValuesByName {
  const { vertex, operators, subtask } = dealt;
  const values = new Map<string, ReadonlyMap<string, Portable>>();
  for (const state of vertex.operatorStates ?? []) {
    const operator = operators.find(({ operatorId }) => operatorId === state.operator.to);
    if (operator === undefined) continue;
    const before = neededOf(state, subtask).map((ref) => (ref === null ? null : storedValues(ref, bytesOf(ref))));
    values.set(operator.operatorId, dealOperatorValues({ operator, subtask, parallelism: vertex.parallelism, before, schemas }));
  }
  const [head] = operators;
  if (head === undefined || head.kind === 'source') return values;
  return values.set(head.operatorId, new Map([...(values.get(head.operatorId) ?? []), [watermarksStateName, watermarksOf(dealt, graph)]]));
}

/** Of the one operator that the reference asks for, as whom it wrote them. */
function storedValues(ref: SegmentRef, bytes: Uint8Array): StoredOperatorValues | null {
  const [mapping] = ref.operators ?? [];
  return (mapping && operatorValuesIn(bytes).get(mapping.from)) ?? null;
}

/** How far the input has come: what a sender has promised is in the manifest, whatever edges there were before. */
function watermarksOf({ manifest, vertex, subtask }: DealtSubtask, graph: JobGraph): Portable {
  const channels: { [channel: string]: number } = {};
  for (const { edge, sourceVertex, targetVertex } of graph.edges) {
    if (targetVertex !== vertex.vertexId) continue;
    const senders = manifest.vertices.find(({ vertexId }) => vertexId === sourceVertex)?.subtasks ?? [];
    for (const sender of senders) if (sender.watermark !== null) channels[`${edge}/${sender.subtask}`] = sender.watermark;
  }
  return InputWatermarks.begunAt(vertex.subtasks[subtask]!.watermark, channels);
}
