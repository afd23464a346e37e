import type { Cloud } from '../cloud/index.ts';
import type { ManifestOperator, ManifestVertex } from '../protocol/manifest.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import type { SnapshotClaim, SnapshotRecord } from '../protocol/snapshot-record.ts';
import { claimHolds } from './claims.ts';
import { newSnapshotRecord } from './new-snapshot-record.ts';
import { openSnapshot } from './open-snapshot.ts';

export interface InspectedOperator extends ManifestOperator {
  readonly vertexId: string;
  readonly vertexName: string;
  /** In its chain, from 0. */
  readonly position: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
}

export interface InspectedVertex {
  readonly vertexId: string;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** The lowest of its subtasks; null as long as one of them has none. */
  readonly watermark: number | null;
  readonly endOfInput: boolean;
  readonly stateEntries: number;
  readonly stateBytes: number;
  readonly segments: SegmentCount;
  /** The checkpoint that the oldest of its segments was written for. */
  readonly oldestSegment: number | null;
}

export interface SegmentCount {
  readonly count: number;
  /** At rest. */
  readonly bytes: number;
}

export interface SnapshotInspection {
  readonly path: string;
  readonly kind: SnapshotRecord['kind'];
  readonly format: SnapshotRecord['format'];
  /** Nobody here has a record of it: it was brought from elsewhere. */
  readonly unknown: boolean;
  /** Of the metadata as it is stored. */
  readonly version: number;
  readonly selfContained: boolean;
  readonly jobId: string;
  readonly jobName: string;
  readonly checkpoint: number;
  readonly attempt: number;
  /** The processing time of its epoch. */
  readonly stamp: number;
  /** When it was made known; missing for one that is unknown. */
  readonly createdAt?: number;
  readonly drained: boolean;
  readonly stateEntries: number;
  readonly stateBytes: number;
  readonly metadataBytes: number;
  readonly segments: SegmentCount & { readonly inRecords: number; readonly inObjects: number };
  readonly operators: readonly InspectedOperator[];
  readonly vertices: readonly InspectedVertex[];
  readonly claims: readonly (SnapshotClaim & { readonly holds: boolean })[];
  /** What its checkpoint made inevitable outside; a restore repeats it unless it is done. */
  readonly effects: { readonly committables: number; readonly done: boolean };
}

/** What there is to know of a snapshot without reading its segments. Throws as openSnapshot does; missing segments are no matter. */
export async function inspectSnapshot(cloud: Pick<Cloud, 'records' | 'objects' | 'clock'>, path: string): Promise<SnapshotInspection> {
  const snapshot = await openSnapshot(cloud, path, { verify: false });
  const { manifest, record, version, selfContained, metadataBytes } = snapshot;
  const kind = record?.kind ?? 'savepoint';
  const format = record?.format ?? 'canonical';
  const { stateBytes, stateEntries } = newSnapshotRecord({ ...snapshot, kind, format, createdAt: 0, effectsDone: false });
  const claims = await Promise.all((record?.claims ?? []).map(async (claim) => ({ ...claim, holds: await claimHolds(cloud, claim) })));
  const refs = [...storedSegments(manifest).values()];
  const committables = manifest.vertices.flatMap(({ subtasks }) => subtasks.flatMap((subtask) => subtask.committables));
  return {
    path: snapshot.path,
    kind,
    format,
    unknown: record === undefined,
    version,
    selfContained,
    jobId: manifest.jobId,
    jobName: manifest.jobName,
    checkpoint: manifest.checkpoint,
    attempt: manifest.attempt,
    stamp: manifest.stamp,
    ...(record === undefined ? {} : { createdAt: record.createdAt }),
    drained: record?.drained === true,
    stateEntries,
    stateBytes,
    metadataBytes,
    segments: {
      ...countOf(refs),
      inRecords: refs.filter(({ at }) => at.kind === 'record').length,
      inObjects: refs.filter(({ at }) => at.kind === 'object').length,
    },
    operators: manifest.vertices.flatMap(operatorsOf),
    vertices: manifest.vertices.map(inspectVertex),
    claims,
    effects: { committables: committables.reduce((sum, { items }) => sum + items.length, 0), done: record?.effectsDone === true },
  };
}

export function operatorsOf(vertex: ManifestVertex): readonly InspectedOperator[] {
  const { vertexId, name: vertexName, parallelism, maxParallelism } = vertex;
  return vertex.operators.map((operator, position) => ({ ...operator, vertexId, vertexName, position, parallelism, maxParallelism }));
}

function inspectVertex(vertex: ManifestVertex): InspectedVertex {
  const { vertexId, name, parallelism, maxParallelism, subtasks } = vertex;
  const watermarks = subtasks.map(({ watermark }) => watermark);
  const refs = [...storedSegments({ vertices: [vertex] }).values()];
  return {
    vertexId,
    name,
    parallelism,
    maxParallelism,
    watermark: watermarks.reduce((low, each) => (low === null || each === null ? null : Math.min(low, each)), watermarks[0] ?? null),
    endOfInput: subtasks.every(({ endOfInput }) => endOfInput),
    stateEntries: subtasks.reduce((sum, { stateEntries }) => sum + stateEntries, 0),
    stateBytes: subtasks.reduce((sum, { stateBytes }) => sum + stateBytes, 0),
    segments: countOf(refs),
    oldestSegment: refs.length === 0 ? null : Math.min(...refs.map(({ checkpoint }) => checkpoint)),
  };
}

export const countOf = (refs: readonly SegmentRef[]): SegmentCount => ({
  count: refs.length,
  bytes: refs.reduce((sum, { bytes }) => sum + bytes, 0),
});
