import type { StoredRecord } from '../../../src/cloud/index.ts';
import { isTerminal, type JobRecord } from '../../../src/protocol/job-record.ts';
import { decodeManifest } from '../../../src/protocol/manifest-codec.ts';
import { segmentsOf } from '../../../src/protocol/manifest-segments.ts';
import type { MetadataRef } from '../../../src/protocol/request.ts';
import { segmentName } from '../../../src/protocol/segment-ref.ts';
import type { SnapshotRecord } from '../../../src/protocol/snapshot-record.ts';
import { resolveReferences } from '../../../src/savepoint/open-snapshot.ts';
import { directoryOf } from '../../../src/savepoint/snapshot-path.ts';
import { peekSegment } from '../../../src/testing/checkers/peek-segment.ts';
import type { Violations } from '../../../src/testing/checkers/violations.ts';
import type { SimulatedCloud } from '../../../src/testing/simulated-cloud.ts';

/**
 * Invariant 6, over all jobs and snapshots of a cloud: in the instant in which something is deleted, no live snapshot, no
 * kept checkpoint of a live job and no savepoint that is only just committed refers to it. It knows nothing of who deletes.
 */
export class HeldChecker {
  readonly #cloud: SimulatedCloud;
  readonly #violations: Violations;
  readonly #jobs = new Map<string, JobRecord>();
  readonly #snapshots = new Map<string, SnapshotRecord>();
  readonly #names = new Map<string, ReadonlySet<string>>();

  constructor(cloud: SimulatedCloud, violations: Violations) {
    this.#cloud = cloud;
    this.#violations = violations;
    cloud.records.observe({ onRecord: ({ key, before, after }) => this.#onRecord(key, before, after) });
    cloud.objects.observe({ onDelete: (uri) => this.#onDeleted(uri) });
  }

  /** Names of everything that somebody needs, as of now, by who needs it. */
  held(): ReadonlyMap<string, ReadonlySet<string>> {
    const held = new Map<string, ReadonlySet<string>>();
    for (const { path, state, metadata, claims } of this.#snapshots.values()) {
      // What a job has for itself is held by the checkpoints of that job.
      const isTaken = claims.some(({ mode }) => mode === 'claim');
      if (state === 'live' && !isTaken) held.set(path, this.#namesOf(metadata));
    }
    for (const job of this.#jobs.values()) {
      for (const { outcome } of job.effects?.answers ?? []) {
        const known = outcome.kind === 'savepoint' ? this.#snapshots.get(outcome.path) : undefined;
        if (outcome.kind === 'savepoint' && known === undefined) held.set(outcome.path, this.#namesOf(outcome.metadata));
      }
      if (isTerminal(job.status) && (job.effects === undefined || job.effects.ended === true)) continue;
      for (const { checkpoint, manifest } of [...job.retained, job.latest]) {
        if (manifest !== undefined) held.set(`checkpoint ${checkpoint} of job ${job.jobId}`, this.#namesOf(manifest));
      }
    }
    return held;
  }

  #onRecord(key: StoredRecord['key'], _before: StoredRecord | undefined, after: StoredRecord | undefined): void {
    if (after === undefined) {
      this.#onDeleted(segmentName({ at: { kind: 'record', ...key }, checksum: '' }));
    } else if (key.partition.startsWith('job/') && key.sort === 'record') {
      const job = after.fields as unknown as JobRecord;
      if (!this.#jobs.has(key.partition)) this.#checkWhole(job);
      this.#jobs.set(key.partition, job);
    } else if (key.partition.startsWith('snapshot/')) {
      const snapshot = after.fields as unknown as SnapshotRecord;
      this.#snapshots.set(snapshot.path, snapshot);
    }
  }

  /** A job that begins from a snapshot finds everything there, and from then on it stays. */
  #checkWhole({ jobId, latest }: JobRecord): void {
    if (latest.manifest === undefined) return;
    const bytes = this.#cloud.objects.peek(latest.manifest.uri);
    if (!this.#violations.expect(bytes !== undefined, 6, () => `job ${jobId} begins from a manifest that is not there`)) return;
    for (const ref of segmentsOf(decodeManifest(bytes!))) {
      const found = peekSegment(ref.at, this.#cloud);
      this.#violations.expect(found !== undefined, 6, () => `job ${jobId} begins from ${segmentName(ref)}, which is not there`);
    }
  }

  #onDeleted(name: string): void {
    for (const [holder, names] of this.held())
      this.#violations.expect(!names.has(name), 6, () => `${name} was deleted, although ${holder} refers to it`);
  }

  /** The document itself and all that it refers to. Of one that can't be read, nothing but itself. */
  #namesOf({ uri, checksum }: MetadataRef): ReadonlySet<string> {
    const known = this.#names.get(`${uri} ${checksum}`);
    if (known !== undefined) return known;
    const bytes = this.#cloud.objects.peek(uri);
    if (bytes === undefined) return new Set([uri]);
    const manifest = resolveReferences(decodeManifest(bytes), directoryOf(uri));
    const names = new Set([uri, ...segmentsOf(manifest).map(segmentName)]);
    this.#names.set(`${uri} ${checksum}`, names);
    return names;
  }
}
