import { checksumOf } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import type { RecordKey, StoredRecord } from '../../cloud/index.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { Acknowledgement } from '../../protocol/acknowledgement.ts';
import type { JobDescription } from '../../protocol/job-description.ts';
import type { JobRecord } from '../../protocol/job-record.ts';
import type { Manifest, ManifestSubtask, ManifestVertex } from '../../protocol/manifest.ts';
import { decodeManifest } from '../../protocol/manifest-codec.ts';
import { segmentsOf } from '../../protocol/manifest-segments.ts';
import { recordKeys } from '../../protocol/names.ts';
import { retentionOf } from '../../protocol/retention.ts';
import { advanceSegments, type SegmentRef, segmentName } from '../../protocol/segment-ref.ts';
import type { ObjectObserver, SimulatedObjects } from '../simulated-object-store.ts';
import type { RecordObserver, SimulatedRecords } from '../simulated-record-store.ts';
import { peekSegment } from './peek-segment.ts';
import type { Violations } from './violations.ts';

export interface ManifestCheckerOptions {
  readonly violations: Violations;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  readonly jobId: string;
  /** Of a job that begins from a snapshot: its restore manifest. */
  readonly onRestored?: (manifest: Manifest) => void;
  /** `drained`: event time came to its end in its epoch. */
  readonly onCommitted?: (manifest: Manifest, drained: boolean) => void;
}

/**
 * Looks at every checkpoint in the instant of its commit: 1 (every subtask exactly once, and as it acknowledged),
 * 5 (every segment is there, with its length and checksum), 6 (and stays while the checkpoint is the latest),
 * 8 (watermarks and the end of input don't go back).
 */
export class ManifestChecker implements RecordObserver, ObjectObserver {
  /** Of the completed checkpoints, in order. */
  readonly manifests: Manifest[] = [];
  readonly #options: ManifestCheckerOptions;
  /** What the next one builds on. */
  #parent: Manifest | undefined = undefined;
  /** Names of what the latest checkpoint refers to. */
  #referred: ReadonlySet<string> = new Set();

  constructor(options: ManifestCheckerOptions) {
    this.#options = options;
  }

  onRecord({
    key,
    before,
    after,
  }: {
    readonly key: RecordKey;
    readonly before: StoredRecord | undefined;
    readonly after: StoredRecord | undefined;
  }): void {
    if (after === undefined) this.#checkDeleted(segmentName({ at: { kind: 'record', ...key }, checksum: '' }));
    const job = recordKeys.job(this.#options.jobId);
    if (key.partition !== job.partition || key.sort !== job.sort || after === undefined) return;
    const now = after.fields as unknown as JobRecord;
    const then = before?.fields as unknown as JobRecord | undefined;
    if (then === undefined && now.latest.manifest !== undefined) this.#checkRestored(now.latest.manifest.uri);
    if (now.latest.attempt !== (then?.latest.attempt ?? 0)) this.#checkCommitted(now, then?.pending?.drain === true);
    const completed = now.latest.attempt > 0;
    if (now.effects?.ended === true && !(completed && this.#isRetained(now))) this.#referred = new Set();
  }

  /** A restore manifest is made of another job's: what it refers to is there, and stays. */
  #checkRestored(uri: string): void {
    const manifest = decodeManifest(this.#options.objects.peek(uri)!);
    for (const segment of segmentsOf(manifest)) this.#checkSegment('the restore manifest', segment);
    this.#referred = new Set([uri, ...segmentsOf(manifest).map(segmentName)]);
    this.#parent = manifest;
    this.#options.onRestored?.(manifest);
  }

  onDelete(uri: string): void {
    this.#checkDeleted(uri);
  }

  #checkDeleted(name: string): void {
    this.#options.violations.expect(!this.#referred.has(name), 6, () => `${name} was deleted, although the latest checkpoint refers to it`);
  }

  /** What becomes of the checkpoints of a job that has ended. */
  #isRetained({ status }: JobRecord): boolean {
    const description = this.#options.records.peek(recordKeys.jobDescription(this.#options.jobId))?.fields as unknown as JobDescription;
    const { onFinish, onCancel, onFailure } = retentionOf(description);
    return (status === 'FINISHED' ? onFinish : status === 'CANCELED' ? onCancel : onFailure) === 'retain';
  }

  #checkCommitted(record: JobRecord, drained: boolean): void {
    const { violations, objects } = this.#options;
    const ref = record.latest.manifest;
    const name = `checkpoint ${record.latest.checkpoint}, attempt ${record.latest.attempt},`;
    const bytes = ref === undefined ? undefined : objects.peek(ref.uri);
    if (ref === undefined || bytes === undefined) {
      violations.add(1, `${name} is complete without a manifest`);
      return;
    }
    violations.expect(checksumOf(bytes) === ref.checksum, 5, () => `the manifest of ${name} has another checksum`);
    try {
      const manifest = decodeManifest(bytes);
      this.#checkManifest(name, manifest, record, drained);
      this.#referred = new Set([ref.uri, ...segmentsOf(manifest).map(segmentName)]);
      this.manifests.push(manifest);
      this.#parent = manifest;
      this.#options.onCommitted?.(manifest, drained);
    } catch (error) {
      violations.add(1, `the manifest of ${name} does not read: ${messageOf(error)}`);
    }
  }

  #checkManifest(name: string, manifest: Manifest, record: JobRecord, drained: boolean): void {
    const { violations, records, jobId } = this.#options;
    const description = records.peek(recordKeys.jobDescription(jobId))?.fields as unknown as JobDescription;
    const { checkpoint, attempt } = record.latest;
    const same =
      manifest.jobId === jobId && manifest.checkpoint === checkpoint && manifest.attempt === attempt && manifest.stamp === record.stamp;
    violations.expect(same, 1, () => `the manifest of ${name} is of another attempt or stamp`);
    violations.expect(
      namesOfGraph(description.graph) === namesOfManifest(manifest),
      1,
      () => `the manifest of ${name} does not list each vertex and subtask of the job once`,
    );
    const parent = this.#parent;
    for (const vertex of manifest.vertices) {
      const before = parent?.vertices.find((each) => each.vertexId === vertex.vertexId);
      for (const subtask of vertex.subtasks) {
        const parentOf = before?.subtasks[subtask.subtask];
        this.#checkSubtask(name, manifest, vertex, subtask, parentOf);
        this.#checkProgress(`${vertex.name} subtask ${subtask.subtask} in ${name}`, subtask, parentOf, drained);
      }
    }
  }

  #checkSubtask(
    name: string,
    manifest: Manifest,
    vertex: ManifestVertex,
    subtask: ManifestSubtask,
    before: ManifestSubtask | undefined,
  ): void {
    const { violations, records, jobId } = this.#options;
    const where = `${vertex.name} subtask ${subtask.subtask} in ${name}`;
    const key = recordKeys.acknowledgement(
      { jobId, checkpoint: manifest.checkpoint, attempt: manifest.attempt },
      { vertexId: vertex.vertexId, subtask: subtask.subtask },
    );
    const said = records.peek(key)?.fields as unknown as Acknowledgement | undefined;
    if (said === undefined) violations.add(1, `${where} has not acknowledged`);
    else {
      const agreed = advanceSegments(before?.segments ?? [], said.segment);
      violations.expect(said.nonce === subtask.nonce, 2, () => `${where} is of another invocation than acknowledged`);
      violations.expect(
        JSON.stringify(said.committables) === JSON.stringify(subtask.committables),
        2,
        () => `${where} has other committables than acknowledged`,
      );
      violations.expect(sameSegments(agreed, subtask.segments), 2, () => `${where} has other segments than acknowledged`);
    }
    for (const segment of subtask.segments) this.#checkSegment(where, segment);
  }

  /** A drained job keeps no watermark; else none goes back. */
  #checkProgress(where: string, subtask: ManifestSubtask, before: ManifestSubtask | undefined, drained: boolean): void {
    const { violations } = this.#options;
    if (drained) {
      violations.expect(subtask.watermark === null, 8, () => `${where} keeps the watermark ${subtask.watermark} of a drain`);
      return;
    }
    const [watermark, watermarkBefore] = [subtask.watermark ?? -Infinity, before?.watermark ?? -Infinity];
    violations.expect(watermark >= watermarkBefore, 8, () => `the watermark of ${where} went back from ${watermarkBefore} to ${watermark}`);
    violations.expect(subtask.endOfInput || before?.endOfInput !== true, 8, () => `${where} has input again after its end`);
  }

  #checkSegment(where: string, segment: SegmentRef): void {
    const { violations } = this.#options;
    const bytes = peekSegment(segment.at, this.#options);
    if (bytes === undefined) violations.add(5, `${segmentName(segment)} of ${where} does not exist`);
    else
      violations.expect(
        bytes.byteLength === segment.bytes && checksumOf(bytes) === segment.checksum,
        5,
        () => `${segmentName(segment)} of ${where} has another content`,
      );
  }
}

/** A segment may have found its way into the manifest since it was acknowledged; all else is the same. */
function sameSegments(agreed: readonly SegmentRef[], listed: readonly SegmentRef[]): boolean {
  const placed = agreed.map((ref, index) => (listed[index]?.at.kind === 'inline' ? { ...ref, at: listed[index].at } : ref));
  return JSON.stringify(placed) === JSON.stringify(listed);
}

const namesOfManifest = (manifest: Manifest): string =>
  manifest.vertices.map((vertex) => `${vertex.vertexId}: ${vertex.subtasks.map((each) => each.subtask).join(' ')}`).join('; ');

const namesOfGraph = (graph: JobGraph): string =>
  graph.vertices
    .map((vertex) => `${vertex.vertexId}: ${Array.from({ length: vertex.parallelism }, (_, subtask) => subtask).join(' ')}`)
    .join('; ');
