import { seededRandom } from '../../src/base/random.ts';
import type { Cloud, RecordFields, RecordKey } from '../../src/cloud/index.ts';
import { ControlService } from '../../src/control-api/control-service.ts';
import { dispatch } from '../../src/control-api/dispatch.ts';
import { routeList } from '../../src/control-api/routes.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import type { Manifest, ManifestSubtask } from '../../src/protocol/manifest.ts';
import { encodeManifest } from '../../src/protocol/manifest-codec.ts';
import { objectUris, recordKeys } from '../../src/protocol/names.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import type { SegmentRef } from '../../src/protocol/segment-ref.ts';
import { newSnapshotRecord } from '../../src/savepoint/new-snapshot-record.ts';
import { recordSnapshot } from '../../src/savepoint/snapshot-store.ts';
import { noFaults } from '../../src/testing/faults.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';
import { memoryCloud } from '../runtime/memory-cloud.ts';
import { descriptionOf } from './served-jobs.ts';

export const jobId: string = 'a'.repeat(32);
/** One subtask, and two behind it: the vertices of the job that is served. */
export const source: string = '1'.repeat(32);
export const sums: string = '2'.repeat(32);

export interface Answer {
  readonly status: number;
  /** As it goes over the wire. */
  readonly text: string;
  readonly body: unknown;
}

/** Records and objects as a job leaves them, and the control API over them. */
export class RecordedJob {
  readonly cloud: Cloud;
  readonly #service: ControlService;

  constructor() {
    const objects = new SimulatedObjects(
      new PortCalls({ clock: new SimulatedClock(), random: seededRandom(1), plan: noFaults }),
    ).immediate();
    this.cloud = { ...memoryCloud(), objects };
    this.#service = new ControlService(this.cloud, { stateRoot: 's3://weir/state', version: '1' });
  }

  /** Without a change of its own: a job that was just submitted. */
  async add(record: Partial<JobRecord> = {}, described: Partial<JobDescription> = {}): Promise<void> {
    const description = { ...descriptionOf(jobId), ...described };
    await this.put(recordKeys.jobDescription(jobId), description);
    await this.put(recordKeys.job(jobId), { ...newJobRecord(description), ...record });
  }

  async put(key: RecordKey, fields: object): Promise<void> {
    await this.cloud.records.put(key, fields as RecordFields, { kind: 'always' });
  }

  /** Of the two subtasks of `sums`, the first wrote 100 bytes for this checkpoint and refers to 40 of an earlier one. */
  async checkpoint(checkpoint: number, watermark: number | null = null): Promise<JobRecord['latest']> {
    const attempt = checkpoint + 1;
    const manifest = manifestOf(checkpoint, watermark);
    const { bytes, checksum } = encodeManifest(manifest);
    const uri = objectUris.manifest('s3://weir/state', { jobId, checkpoint, attempt }, checksum);
    await this.cloud.objects.put(uri, bytes);
    return { checkpoint, attempt, manifest: { uri, checksum } };
  }

  /** A savepoint taken at a checkpoint, made known at 5,000. */
  async savepoint(checkpoint: number, format: 'native' | 'canonical' = 'native'): Promise<string> {
    const path = `s3://weir/savepoints/savepoint-aaaaaa-${String(checkpoint).padStart(12, '0')}`;
    const manifest = manifestOf(checkpoint, null);
    const { bytes, checksum } = encodeManifest(manifest);
    await this.cloud.objects.put(objectUris.metadata(path), bytes);
    const metadata = { uri: objectUris.metadata(path), checksum };
    const of = { path, kind: 'savepoint', format, createdAt: 5_000, effectsDone: true, manifest, metadata, metadataBytes: 700 } as const;
    await recordSnapshot(this.cloud, newSnapshotRecord(of));
    return path;
  }

  async get(path: string, query = ''): Promise<Answer> {
    const { status, body } = await dispatch(this.#service, { method: 'GET', path, query, body: '{}' }, routeList);
    const text = JSON.stringify(body);
    return { status, text, body: JSON.parse(text) };
  }
}

function manifestOf(checkpoint: number, watermark: number | null): Manifest {
  const vertex = (vertexId: string, subtasks: readonly ManifestSubtask[]) => ({
    vertexId,
    name: vertexId,
    parallelism: subtasks.length,
    maxParallelism: 128,
    operators: [],
    subtasks,
  });
  const written = [segment('earlier', checkpoint - 1, 40), segment('now', checkpoint, 100)];
  return {
    version: 2,
    jobId,
    jobName: 'words',
    checkpoint,
    attempt: checkpoint + 1,
    stamp: 4_000,
    vertices: [vertex(source, [subtask(0, [], watermark)]), vertex(sums, [subtask(0, written, watermark), subtask(1, [], watermark)])],
  };
}

const subtask = (index: number, segments: readonly SegmentRef[], watermark: number | null): ManifestSubtask => ({
  subtask: index,
  nonce: 'n',
  segments,
  watermark,
  idle: false,
  endOfInput: false,
  committables: [],
  stateEntries: 10 * segments.length,
  stateBytes: 1_000 * segments.length,
});

const segment = (sort: string, checkpoint: number, bytes: number): SegmentRef => ({
  at: { kind: 'record', partition: `segment/${jobId}`, sort },
  checkpoint,
  bytes,
  checksum: 'c'.repeat(32),
  keyGroups: [[0, 127]],
  operatorState: true,
});
