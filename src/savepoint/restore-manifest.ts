import { assert } from '../base/assert.ts';
import type { JobGraph, JobVertex } from '../graph/job-graph.ts';
import { keyGroupRangeOf } from '../graph/key-groups.ts';
import type { Committables } from '../protocol/acknowledgement.ts';
import { operatorOf } from '../protocol/assemble-manifest.ts';
import {
  type Manifest,
  type ManifestOperator,
  type ManifestSubtask,
  type ManifestVertex,
  manifestVersion,
  type RestoredOperatorState,
} from '../protocol/manifest.ts';
import type { KeyGroupRange, OperatorMapping, SegmentRef } from '../protocol/segment-ref.ts';
import { intersectRanges } from './intersect-ranges.ts';
import { hasState } from './match-operators.ts';
import type { RestorePlan } from './restore-plan.ts';

export interface RestoreManifestOptions {
  readonly jobId: string;
  readonly jobName: string;
  /** Whether a segment becomes the job's own; what does not is foreign to it, and rewritten soon. */
  readonly owns: (ref: SegmentRef) => boolean;
  /** Output that the snapshot lists is to be published (again). */
  readonly repeatEffects: boolean;
}

/**
 * The new job's manifest at the snapshot's checkpoint number: its own graph over the snapshot's segments. `graph` is the one
 * that was built with the plan's max parallelism.
 *
 * 1. Every key group's segments go to the subtask that has it now, each with the operators whose sections it is to take.
 * 2. State that is not by key stays where it was until it is dealt out, by whoever loads it.
 * 3. All subtasks of a vertex begin with the lowest watermark that the old ones had.
 */
export function restoreManifest(metadata: Manifest, plan: RestorePlan, graph: JobGraph, options: RestoreManifestOptions): Manifest {
  assert(plan.kind === 'restorable', 'what is refused is not restored');
  const { jobId, jobName } = options;
  const vertices = graph.vertices.map((vertex) => restoreVertex(vertex, sourcesOf(vertex, metadata, plan), options));
  return { version: manifestVersion, jobId, jobName, checkpoint: metadata.checkpoint, attempt: 0, stamp: metadata.stamp, vertices };
}

/** A vertex of the snapshot, and what of it goes on in one vertex of the job. */
interface Source {
  readonly vertex: ManifestVertex;
  /** Operators that are restored, with or without state. */
  readonly operators: readonly OperatorMapping[];
  /** Those of which there is state. */
  readonly stateful: readonly OperatorMapping[];
}

function sourcesOf(vertex: JobVertex, metadata: Manifest, plan: RestorePlan): readonly Source[] {
  const mappings = new Map<string, OperatorMapping>();
  for (const { outcome, vertexId, operator, from } of plan.operators) {
    if (outcome !== 'restored' || from === undefined || vertexId !== vertex.vertexId) continue;
    mappings.set(from.operatorId, { from: from.operatorId, to: operator.operatorId });
  }
  return metadata.vertices.flatMap((before): readonly Source[] => {
    const taken = before.operators.filter((operator) => isTaken(operator, before, plan, mappings));
    if (taken.length === 0) return [];
    const mapped = (operators: typeof taken) => operators.map(({ operatorId }) => mappings.get(operatorId)!);
    return [
      { vertex: before, operators: mapped(taken), stateful: mapped(taken.filter((operator) => hasState({ operator, vertex: before }))) },
    ];
  });
}

/** An operator without state that has only the place of another says nothing of how far the other's input had come. */
function isTaken(
  operator: ManifestOperator,
  vertex: ManifestVertex,
  plan: RestorePlan,
  mappings: ReadonlyMap<string, OperatorMapping>,
): boolean {
  const mapping = mappings.get(operator.operatorId);
  if (mapping === undefined) return false;
  const planned = plan.operators.find((each) => each.operator.operatorId === mapping.to);
  return (
    planned?.from?.by !== 'place' ||
    planned.operator.name === operator.name ||
    hasState({ operator, vertex }) ||
    hasOutput(operator, vertex)
  );
}

const hasOutput = ({ operatorId }: ManifestOperator, vertex: ManifestVertex): boolean =>
  vertex.subtasks.some(({ committables }) => committables.some((each) => each.operatorId === operatorId));

function restoreVertex(vertex: JobVertex, sources: readonly Source[], options: RestoreManifestOptions): ManifestVertex {
  const { vertexId, name, parallelism, maxParallelism } = vertex;
  const states = sources.flatMap((source) => operatorStatesOf(source, parallelism, options));
  const subtasks = Array.from({ length: parallelism }, (_, subtask) => restoreSubtask(vertex, subtask, sources, options));
  // Where its input had come to is dealt out too.
  const dealt = states.length > 0 || subtasks.some(({ watermark }) => watermark !== null);
  const head = vertex.operators[0]!.operatorId;
  const enumerator = sources.find((source) => source.operators.some(({ from, to }) => to === head && from === source.vertex.vertexId))
    ?.vertex.enumerator;
  return {
    vertexId,
    name,
    parallelism,
    maxParallelism,
    operators: vertex.operators.map((operator) => operatorOf(operator, undefined)),
    subtasks: dealt ? subtasks.map((subtask) => ({ ...subtask, dealt: true })) : subtasks,
    ...(enumerator === undefined ? {} : { enumerator }),
    ...(states.length > 0 ? { operatorStates: states } : {}),
  };
}

function restoreSubtask(vertex: JobVertex, subtask: number, sources: readonly Source[], options: RestoreManifestOptions): ManifestSubtask {
  const { first, last } = keyGroupRangeOf(subtask, vertex.parallelism, vertex.maxParallelism);
  const segments = sources.flatMap((source) => keyedSegments(source, [first, last], options));
  return {
    subtask,
    nonce: 'restored',
    segments: segments.sort((a, b) => a.checkpoint - b.checkpoint),
    watermark: watermarkOf(sources),
    idle: false,
    endOfInput: false,
    committables: options.repeatEffects ? sources.flatMap((source) => committablesOf(source, subtask, vertex.parallelism)) : [],
    stateEntries: 0,
    stateBytes: 0,
  };
}

function keyedSegments({ vertex, stateful }: Source, within: KeyGroupRange, options: RestoreManifestOptions): readonly SegmentRef[] {
  const keyed = stateful.filter(({ from }) => mayHave(vertex, from, isKeyed));
  if (keyed.length === 0) return [];
  return vertex.subtasks.flatMap((before) =>
    before.segments.flatMap((ref): readonly SegmentRef[] => {
      const keyGroups = intersectRanges(ref.keyGroups, within);
      const operators = composed(ref, keyed);
      return keyGroups.length === 0 || operators.length === 0
        ? []
        : [{ ...restored(ref, options), keyGroups, operatorState: false, operators }];
    }),
  );
}

/** Where each operator's state that is not by key is, by old subtask. */
function operatorStatesOf(
  { vertex, stateful }: Source,
  parallelism: number,
  options: RestoreManifestOptions,
): readonly RestoredOperatorState[] {
  return stateful
    .filter(({ from }) => mayHave(vertex, from, (kind) => !isKeyed(kind)))
    .map((mapping) => ({
      operator: mapping,
      ...(vertex.parallelism === parallelism && !mayHave(vertex, mapping.from, (kind) => kind === 'unionList') ? { own: true } : {}),
      from: vertex.subtasks.map((before) => {
        const newest = before.segments.findLast((ref) => ref.operatorState);
        const [operator] = newest === undefined ? [] : composed(newest, [mapping]);
        return newest === undefined || operator === undefined
          ? null
          : { ...restored(newest, options), keyGroups: [], operatorState: true, operators: [operator] };
      }),
    }));
}

/** Of a segment that is itself of a restored job, the sections are still named as they were written. */
function composed({ operators }: SegmentRef, mappings: readonly OperatorMapping[]): readonly OperatorMapping[] {
  if (operators === undefined) return mappings;
  return mappings.flatMap(({ from, to }) =>
    operators.filter((written) => written.to === from).map((written) => ({ from: written.from, to })),
  );
}

function restored(ref: SegmentRef, { owns }: RestoreManifestOptions): SegmentRef {
  const { foreign: _foreign, ...rest } = ref;
  return owns(ref) ? rest : { ...rest, foreign: true };
}

type Kind = NonNullable<ManifestVertex['operators'][number]['states']>[number]['kind'];
const operatorKinds: readonly Kind[] = ['splitList', 'unionList', 'broadcast', 'subtask', 'engine'];
const isKeyed = (kind: Kind): boolean => !operatorKinds.includes(kind);

/** Whether an operator may have state of such a kind: a snapshot of the first version does not say. */
function mayHave(vertex: ManifestVertex, operatorId: string, wanted: (kind: Kind) => boolean): boolean {
  const { states } = vertex.operators.find((operator) => operator.operatorId === operatorId)!;
  return states === undefined || states.some(({ kind, entries }) => entries > 0 && wanted(kind));
}

/**
 * The lowest of all old subtasks; nothing if one of them had none. None keeps its own, not even at the same parallelism: what
 * feeds it may have changed, and one whose input had ended may get that of another now.
 */
function watermarkOf(sources: readonly Source[]): number | null {
  const all = sources.flatMap(({ vertex }) => vertex.subtasks.map(({ watermark }) => watermark));
  if (all.length === 0) return null;
  return all.reduce((lowest, watermark) => (lowest === null || watermark === null ? null : Math.min(lowest, watermark)));
}

/** Each old subtask's output goes to one of the new ones; which does not matter to whoever publishes it. */
function committablesOf({ vertex, operators }: Source, subtask: number, parallelism: number): readonly Committables[] {
  return vertex.subtasks
    .filter((before) => before.subtask % parallelism === subtask)
    .flatMap(({ committables }) =>
      committables.flatMap(({ operatorId, items }) => {
        const mapping = operators.find(({ from }) => from === operatorId);
        return mapping === undefined ? [] : [{ operatorId: mapping.to, items }];
      }),
    );
}
