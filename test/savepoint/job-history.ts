import { checksumOf, utf8 } from '../../src/base/bytes.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import type { EffectsMark, JobRecord } from '../../src/protocol/job-record.ts';
import type { Manifest, ManifestSubtask } from '../../src/protocol/manifest.ts';
import { encodeManifest } from '../../src/protocol/manifest-codec.ts';
import { objectUris, recordKeys } from '../../src/protocol/names.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import type { ClaimMode, SnapshotRecord } from '../../src/protocol/snapshot-record.ts';
import { newSnapshotRecord } from '../../src/savepoint/new-snapshot-record.ts';
import { KeptChecker } from '../../src/testing/checkers/kept-checker.ts';
import { Violations } from '../../src/testing/checkers/violations.ts';
import type { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';

export const root = 's3://bucket/weir';
export const savepoints = 's3://bucket/savepoints';

/** 32 digits from one letter. */
export const idOf = (letter: string): string => letter.repeat(32);

/**
 * The checkpoints of one job, put into a simulated cloud without a call, as the engine would have left them: each adds a
 * segment per subtask, and refers to the latest `width` of them.
 */
export class JobHistory {
  readonly jobId: string;
  readonly #cloud: SimulatedCloud;
  readonly #manifests = new Map<number, { readonly manifest: Manifest; readonly uri: string; readonly checksum: string }>();
  #record: JobRecord;

  constructor(cloud: SimulatedCloud, jobId: string, more: Partial<JobDescription> = {}) {
    this.jobId = jobId;
    this.#cloud = cloud;
    const description = { jobId, name: 'orders', stateRoot: root, submittedAt: 1, stateBackend: 'dynamodb', ...more } as JobDescription;
    cloud.records.place(recordKeys.jobDescription(jobId), description as unknown as RecordFields);
    cloud.records.place(recordKeys.jobIndex(1, jobId), { jobId });
    this.#record = { ...newJobRecord(description), status: 'RUNNING' };
    this.change({});
  }

  get record(): JobRecord {
    return this.#record;
  }

  change(fields: Partial<JobRecord>): void {
    this.#record = { ...this.#record, ...fields };
    this.#cloud.records.place(recordKeys.job(this.jobId), this.#record as unknown as RecordFields);
  }

  end(status: 'FINISHED' | 'CANCELED' | 'FAILED', effects?: EffectsMark): void {
    this.change({ status, ...(effects === undefined ? {} : { effects }) });
  }

  /** Completes checkpoint n, whose subtasks refer to the segments that were written for the given checkpoints. */
  complete(checkpoint: number, written: readonly number[], changes: (ref: SegmentRef) => SegmentRef = (ref) => ref): Manifest {
    const manifest = this.manifest(checkpoint, written, changes);
    const { bytes, checksum } = encodeManifest(manifest);
    const uri = objectUris.manifest(root, manifest, checksum);
    this.#cloud.objects.place(uri, bytes);
    this.#manifests.set(checkpoint, { manifest, uri, checksum });
    this.change({ latest: { checkpoint, attempt: checkpoint, manifest: { uri, checksum } }, attempt: checkpoint });
    return manifest;
  }

  manifest(checkpoint: number, written: readonly number[], changes: (ref: SegmentRef) => SegmentRef = (ref) => ref): Manifest {
    const subtasks = [0, 1].map(
      (subtask): ManifestSubtask => ({
        subtask,
        nonce: 'n',
        segments: written.map((of) => changes(this.segment(of, subtask))),
        watermark: checkpoint,
        idle: false,
        endOfInput: false,
        committables: [{ operatorId: idOf('e'), items: [`staged ${checkpoint}`] }],
        stateEntries: 10,
        stateBytes: 100,
      }),
    );
    const operators = [
      {
        operatorId: idOf('d'),
        uid: 'counts',
        name: 'counts',
        stateful: true,
        states: [{ name: 'count', kind: 'value' as const, entries: 20, bytes: 200 }],
      },
    ];
    const vertices = [{ vertexId: idOf('f'), name: 'counts', parallelism: 2, maxParallelism: 128, operators, subtasks }];
    return { version: 2, jobId: this.jobId, jobName: 'orders', checkpoint, attempt: checkpoint, stamp: checkpoint, vertices };
  }

  /** Subtask 0 keeps its segments in records, subtask 1 in objects. */
  segment(checkpoint: number, subtask: number): SegmentRef {
    const of = { jobId: this.jobId, checkpoint, attempt: checkpoint };
    const name = { vertexId: idOf('f'), subtask };
    const bytes = utf8(`segment of ${this.jobId}, checkpoint ${checkpoint}, subtask ${subtask}`);
    const key = recordKeys.segment(of, name, 'n');
    const uri = objectUris.segment(root, of, name, 'n');
    const at = subtask === 0 ? ({ kind: 'record', ...key } as const) : ({ kind: 'object', uri } as const);
    if (subtask === 0 && this.#cloud.records.peek(key) === undefined) this.#cloud.records.place(key, { bytes });
    if (subtask === 1 && this.#cloud.objects.peek(uri) === undefined) this.#cloud.objects.place(uri, bytes);
    const keyGroups = [[subtask * 64, subtask * 64 + 63] as const];
    return { at, checkpoint, bytes: bytes.byteLength, checksum: checksumOf(bytes), keyGroups, operatorState: false };
  }

  /** A native savepoint of a completed checkpoint; its path. */
  savepoint(checkpoint: number, name = `savepoint-${this.jobId.slice(0, 6)}-${String(checkpoint).padStart(12, '0')}`): string {
    const path = `${savepoints}/${name}`;
    const { manifest, checksum } = this.#manifests.get(checkpoint)!;
    const { bytes } = encodeManifest(manifest);
    const uri = objectUris.metadata(path);
    this.#cloud.objects.place(uri, bytes);
    this.#place(
      newSnapshotRecord({
        path,
        kind: 'savepoint',
        format: 'native',
        createdAt: 1,
        effectsDone: true,
        manifest,
        metadata: { uri, checksum },
        metadataBytes: bytes.byteLength,
      }),
    );
    this.change({ pinnedUpTo: Math.max(this.#record.pinnedUpTo, checkpoint) });
    return path;
  }

  #place(record: SnapshotRecord): void {
    this.#cloud.records.place(recordKeys.snapshotIndex(record), { path: record.path });
    this.#cloud.records.place(recordKeys.snapshot(record.path), record as unknown as RecordFields);
  }

  claim(path: string, jobId: string, mode: ClaimMode, at = this.#cloud.clock.now()): void {
    const record = snapshotAt(this.#cloud, path)!;
    this.#cloud.records.place(recordKeys.snapshot(path), {
      ...record,
      claims: [...record.claims, { jobId, mode, at }],
    } as unknown as RecordFields);
  }
}

export const snapshotAt = (cloud: SimulatedCloud, path: string): SnapshotRecord | undefined =>
  cloud.records.peek(recordKeys.snapshot(path))?.fields as unknown as SnapshotRecord | undefined;

/** Of which checkpoints a job's segments are still there, as "3.0" for the one of subtask 0 written for checkpoint 3. */
export function segmentsThere(cloud: SimulatedCloud, jobId: string, upTo = 20): readonly string[] {
  const there: string[] = [];
  for (let checkpoint = 1; checkpoint <= upTo; checkpoint++) {
    const of = { jobId, checkpoint, attempt: checkpoint };
    if (cloud.records.peek(recordKeys.segment(of, { vertexId: idOf('f'), subtask: 0 }, 'n')) !== undefined) there.push(`${checkpoint}.0`);
    if (cloud.objects.peek(objectUris.segment(root, of, { vertexId: idOf('f'), subtask: 1 }, 'n')) !== undefined)
      there.push(`${checkpoint}.1`);
  }
  return there;
}

export const codeOf = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'nothing was thrown',
    (error: { code?: string }) => error.code ?? String(error),
  );

/** Lets the checker of invariant 6 look on. */
export function watch(cloud: SimulatedCloud): Violations {
  const violations = new Violations();
  const checker = new KeptChecker({ violations, records: cloud.records, objects: cloud.objects });
  cloud.records.observe(checker);
  cloud.objects.observe(checker);
  return violations;
}
