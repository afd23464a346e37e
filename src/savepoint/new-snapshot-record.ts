import type { Manifest } from '../protocol/manifest.ts';
import type { MetadataRef } from '../protocol/request.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';

export interface NewSnapshot extends Pick<SnapshotRecord, 'path' | 'kind' | 'format' | 'createdAt' | 'effectsDone'> {
  readonly manifest: Manifest;
  readonly metadata: MetadataRef;
  readonly metadataBytes: number;
  readonly drained?: boolean;
}

/** The record of a snapshot that nobody claims yet, live. */
export function newSnapshotRecord(of: NewSnapshot): SnapshotRecord {
  const { path, kind, format, createdAt, effectsDone, metadata, metadataBytes } = of;
  const { jobId, jobName, checkpoint, attempt, stamp, vertices } = of.manifest;
  const subtasks = vertices.flatMap((vertex) => vertex.subtasks);
  return {
    path,
    kind,
    format,
    jobId,
    jobName,
    checkpoint,
    attempt,
    metadata: { uri: metadata.uri, checksum: metadata.checksum },
    createdAt,
    stamp,
    stateBytes: subtasks.reduce((sum, subtask) => sum + subtask.stateBytes, 0),
    stateEntries: subtasks.reduce((sum, subtask) => sum + subtask.stateEntries, 0),
    metadataBytes,
    effectsDone,
    ...(of.drained === true ? { drained: true } : {}),
    state: 'live',
    claims: [],
  };
}
