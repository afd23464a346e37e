import type { Cloud } from '../cloud/index.ts';
import type { Acknowledgement } from '../protocol/acknowledgement.ts';
import type { CheckpointRef } from '../protocol/command.ts';
import { isTerminal, type PendingCheckpoint } from '../protocol/job-record.ts';
import type { Manifest, ManifestSubtask } from '../protocol/manifest.ts';
import { verifiedManifest } from '../protocol/manifest-codec.ts';
import { objectUris, recordKeys } from '../protocol/names.ts';
import { segmentName } from '../protocol/segment-ref.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';
import { readKnown } from '../savepoint/open-snapshot.ts';
import { readSnapshot, snapshotsOfJob } from '../savepoint/snapshot-store.ts';
import type { JobView } from './job-service.ts';

/** What one subtask has of a checkpoint, in bytes. */
export interface SubtaskSizes {
  /** What it wrote for this checkpoint alone. */
  readonly checkpointed: number;
  readonly state: number;
}

/** A checkpoint, subtask by subtask. */
export interface CheckpointDetails {
  readonly checkpoint: number;
  readonly state: 'pending' | 'completed';
  /** When its epoch was injected. */
  readonly triggeredAt: number;
  /** Missing while it is pending, and where nobody wrote it down. */
  readonly completedAt?: number;
  /** Of every vertex, by subtask; undefined for one that has not acknowledged. */
  readonly vertices: readonly { readonly vertexId: string; readonly subtasks: readonly (SubtaskSizes | undefined)[] }[];
  /** The savepoint that this is known by; missing for a checkpoint of the job itself. */
  readonly savepoint?: SnapshotRecord;
}

/** What there is to know about a job's checkpoints beyond its record. Reads alone. */
export class CheckpointService {
  readonly #cloud: Pick<Cloud, 'records' | 'objects' | 'clock'>;

  constructor(cloud: Pick<Cloud, 'records' | 'objects' | 'clock'>) {
    this.#cloud = cloud;
  }

  /**
   * One that is pending, complete or kept as a savepoint or retained checkpoint. Nothing for any other: never begun, failed,
   * followed by a later one, or deleted.
   */
  async details(view: JobView, checkpoint: number): Promise<CheckpointDetails | undefined> {
    const { pending, latest, retained } = view.record;
    if (pending?.checkpoint === checkpoint) return await this.#pending(view, pending);
    const ref = [latest, ...retained].find((each) => each.checkpoint === checkpoint);
    const manifest = ref === undefined ? undefined : await this.#manifest(ref);
    if (manifest !== undefined) return completed(manifest, completedAt(view, checkpoint));
    const snapshot = (await snapshotsOfJob(this.#cloud, view.record.jobId)).find(
      (each) => each.checkpoint === checkpoint && each.state === 'live',
    );
    if (snapshot === undefined) return undefined;
    const details = completed((await readKnown(this.#cloud, snapshot)).manifest, completedAt(view, checkpoint));
    return snapshot.kind === 'savepoint' ? { ...details, savepoint: snapshot } : details;
  }

  /** The subtasks of a vertex as of the latest checkpoint; nothing before the first, or when it is deleted. */
  async subtasks({ record }: JobView, vertexId: string): Promise<readonly ManifestSubtask[] | undefined> {
    const manifest = await this.#manifest(record.latest);
    return manifest?.vertices.find((each) => each.vertexId === vertexId)?.subtasks;
  }

  /** The savepoint that was taken last, also when it is deleted since. A record that says so costs two reads, another none. */
  async latestSavepoint({ record }: JobView): Promise<SnapshotRecord | undefined> {
    if (record.pinnedUpTo === 0) return undefined;
    const after = recordKeys.snapshotIndexFrom(record.pinnedUpTo);
    const { records } = await this.#cloud.records.query(recordKeys.snapshotIndexPartition(record.jobId), { after });
    const found = await this.#cloud.records.getMany(records.map(({ fields }) => recordKeys.snapshot(String(fields['path']))));
    const savepoints = found
      .flatMap((each) => (each === undefined ? [] : [each.fields as unknown as SnapshotRecord]))
      .filter(({ kind, checkpoint }) => kind === 'savepoint' && checkpoint === record.pinnedUpTo)
      .toSorted((a, b) => Number(a.state === 'live') - Number(b.state === 'live') || a.createdAt - b.createdAt);
    return savepoints.at(-1);
  }

  /** The job has ended, and its latest checkpoint was deleted then or later. */
  async latestIsDeleted({ record, description }: JobView): Promise<boolean> {
    if (!isTerminal(record.status) || record.effects !== undefined) return false;
    const path = objectUris.checkpointDirectory(description.stateRoot, record.jobId, record.latest.checkpoint);
    return (await readSnapshot(this.#cloud, path))?.state !== 'live';
  }

  async #manifest({ manifest }: CheckpointRef): Promise<Manifest | undefined> {
    const bytes = manifest === undefined ? undefined : await this.#cloud.objects.get(manifest.uri);
    return manifest === undefined || bytes === undefined ? undefined : verifiedManifest(manifest, bytes);
  }

  async #pending({ record, description }: JobView, pending: PendingCheckpoint): Promise<CheckpointDetails> {
    const { checkpoint, attempt, injectedAt } = pending;
    const of = { jobId: record.jobId, checkpoint, attempt };
    const names = description.graph.vertices.flatMap(({ vertexId, parallelism }) =>
      Array.from({ length: parallelism }, (_, subtask) => ({ vertexId, subtask })),
    );
    const found = await this.#cloud.records.getMany(names.map((name) => recordKeys.acknowledgement(of, name)));
    const sizes = found.map((each) => acknowledgedSizes(each?.fields as unknown as Acknowledgement | undefined));
    const vertices = description.graph.vertices.map(({ vertexId }) => ({
      vertexId,
      subtasks: sizes.filter((_, index) => names[index]!.vertexId === vertexId),
    }));
    return { checkpoint, state: 'pending', triggeredAt: injectedAt, vertices };
  }
}

/** The record remembers that of the latest alone. */
const completedAt = ({ record }: JobView, checkpoint: number): number | undefined =>
  checkpoint === record.latest.checkpoint ? record.statistics?.completedAt : undefined;

function completed(manifest: Manifest, at: number | undefined): CheckpointDetails {
  return {
    checkpoint: manifest.checkpoint,
    state: 'completed',
    triggeredAt: manifest.stamp,
    ...(at === undefined ? {} : { completedAt: at }),
    vertices: manifest.vertices.map(({ vertexId, subtasks }) => ({
      vertexId,
      subtasks: subtasks.map((subtask) => storedSizes(subtask, manifest.checkpoint)),
    })),
  };
}

function storedSizes({ segments, stateBytes }: ManifestSubtask, checkpoint: number): SubtaskSizes {
  const written = new Map(
    segments.filter((ref) => ref.checkpoint === checkpoint && ref.foreign !== true).map((ref) => [segmentName(ref), ref.bytes]),
  );
  return { checkpointed: [...written.values()].reduce((sum, bytes) => sum + bytes, 0), state: stateBytes };
}

const acknowledgedSizes = (said: Acknowledgement | undefined): SubtaskSizes | undefined =>
  said === undefined ? undefined : { checkpointed: said.counts.segmentBytes, state: said.counts.stateBytes };
