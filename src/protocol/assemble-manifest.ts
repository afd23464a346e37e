import { assert } from '../base/assert.ts';
import type { ChainedOperator, JobGraph, JobVertex } from '../graph/job-graph.ts';
import type { Acknowledgement, EnumeratorAcknowledgement } from './acknowledgement.ts';
import {
  type Manifest,
  type ManifestOperator,
  type ManifestState,
  type ManifestSubtask,
  type ManifestVertex,
  manifestVersion,
} from './manifest.ts';
import { manifestStates } from './manifest-states.ts';
import type { SubtaskName } from './names.ts';
import { advanceSegments } from './segment-ref.ts';

export interface AttemptAcknowledgements {
  /** By vertex, by subtask; missing ones are undefined. */
  readonly subtasks: ReadonlyMap<string, readonly (Acknowledgement | undefined)[]>;
  /** Of the enumerators that ran. */
  readonly enumerators: ReadonlyMap<string, EnumeratorAcknowledgement>;
}

export type AssembleOutcome =
  | { readonly kind: 'whole'; readonly manifest: Manifest }
  | { readonly kind: 'missing'; readonly subtasks: readonly SubtaskName[] };

export interface AssembleInput {
  readonly jobId: string;
  readonly jobName: string;
  readonly graph: JobGraph;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly stamp: number;
  /** Vertices whose enumerator ran for this attempt. */
  readonly enumerated: readonly string[];
  readonly acknowledgements: AttemptAcknowledgements;
  /** Of the checkpoint before; nothing before the first. */
  readonly parent: Manifest | undefined;
}

/** What a checkpoint consists of: the parent's segments and what its subtasks say they added. Every subtask exactly once. */
export function assembleManifest(input: AssembleInput): AssembleOutcome {
  const missing: SubtaskName[] = [];
  const vertices = input.graph.vertices.map((vertex): ManifestVertex => {
    const before = input.parent?.vertices.find((each) => each.vertexId === vertex.vertexId);
    const said = input.acknowledgements.subtasks.get(vertex.vertexId) ?? [];
    const subtasks: ManifestSubtask[] = [];
    for (let subtask = 0; subtask < vertex.parallelism; subtask++) {
      const acknowledgement = said[subtask];
      if (acknowledgement === undefined) {
        missing.push({ vertexId: vertex.vertexId, subtask });
        continue;
      }
      assert(
        acknowledgement.checkpoint === input.checkpoint && acknowledgement.attempt === input.attempt,
        'an acknowledgement is of its attempt',
      );
      assert(acknowledgement.vertexId === vertex.vertexId && acknowledgement.subtask === subtask, 'an acknowledgement is of its subtask');
      subtasks.push(subtaskOf(acknowledgement, before?.subtasks[subtask]));
    }
    const enumerator = input.acknowledgements.enumerators.get(vertex.vertexId);
    if (input.enumerated.includes(vertex.vertexId) && enumerator === undefined) missing.push({ vertexId: vertex.vertexId, subtask: -1 });
    return {
      ...vertexHead(
        vertex,
        said.filter((each) => each !== undefined),
      ),
      subtasks,
      ...enumeratorOf(enumerator, before),
      // Once every subtask has stored its own, nobody needs to know where it was.
      ...(before?.operatorStates !== undefined && subtasks.some(({ dealt }) => dealt) ? { operatorStates: before.operatorStates } : {}),
    };
  });
  if (missing.length > 0) return { kind: 'missing', subtasks: missing };
  const { jobId, jobName, checkpoint, attempt, stamp } = input;
  return { kind: 'whole', manifest: { version: manifestVersion, jobId, jobName, checkpoint, attempt, stamp, vertices } };
}

function vertexHead(vertex: JobVertex, said: readonly Acknowledgement[]): Omit<ManifestVertex, 'subtasks' | 'enumerator'> {
  return {
    vertexId: vertex.vertexId,
    name: vertex.name,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    operators: vertex.operators.map((operator, position) => operatorOf(operator, manifestStates(operator, position, said))),
  };
}

/** How a manifest names an operator of a job. */
export function operatorOf(
  { operatorId, uid, uidHash, name, stateful, keyType }: ChainedOperator,
  states: readonly ManifestState[] | undefined,
): ManifestOperator {
  return {
    operatorId,
    name,
    stateful,
    ...(uid === undefined ? {} : { uid }),
    ...(uidHash === undefined ? {} : { uidHash }),
    ...(states === undefined || states.length === 0 ? {} : { states }),
    ...(keyType === undefined ? {} : { keyType }),
  };
}

function subtaskOf(said: Acknowledgement, before: ManifestSubtask | undefined): ManifestSubtask {
  return {
    subtask: said.subtask,
    nonce: said.nonce,
    segments: advanceSegments(before?.segments ?? [], said.segment),
    watermark: said.watermark,
    idle: said.idle,
    endOfInput: said.endOfInput,
    ...(said.nextDueAt === undefined ? {} : { nextDueAt: said.nextDueAt }),
    committables: said.committables,
    stateEntries: said.counts.stateEntries,
    stateBytes: said.counts.stateBytes,
    ...(before?.dealt === undefined || said.segment?.operatorState === true ? {} : { dealt: true }),
  };
}

function enumeratorOf(said: EnumeratorAcknowledgement | undefined, before: ManifestVertex | undefined): Pick<ManifestVertex, 'enumerator'> {
  if (said === undefined) return before?.enumerator === undefined ? {} : { enumerator: before.enumerator };
  return { enumerator: { state: said.state, done: said.done, ...(said.nextDueAt === undefined ? {} : { nextDueAt: said.nextDueAt }) } };
}
