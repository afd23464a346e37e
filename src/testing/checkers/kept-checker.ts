import type { RecordKey, StoredRecord } from '../../cloud/index.ts';
import type { CheckpointRef } from '../../protocol/command.ts';
import type { JobDescription } from '../../protocol/job-description.ts';
import { isTerminal, type JobRecord } from '../../protocol/job-record.ts';
import { decodeManifest } from '../../protocol/manifest-codec.ts';
import { storedSegments } from '../../protocol/manifest-segments.ts';
import { recordKeys } from '../../protocol/names.ts';
import { retentionOf } from '../../protocol/retention.ts';
import { segmentName } from '../../protocol/segment-ref.ts';
import type { SnapshotRecord } from '../../protocol/snapshot-record.ts';
import { resolveReferences } from '../../savepoint/open-snapshot.ts';
import { directoryOf } from '../../savepoint/snapshot-path.ts';
import type { ObjectObserver, SimulatedObjects } from '../simulated-object-store.ts';
import type { RecordObserver, SimulatedRecords } from '../simulated-record-store.ts';
import type { SimulatedWorld } from '../simulated-world.ts';
import type { Violations } from './violations.ts';

export interface KeptCheckerOptions {
  readonly violations: Violations;
  readonly records: SimulatedRecords;
  readonly objects: SimulatedObjects;
  /** Records that stand there already, with what they refer to. */
  readonly already?: SimulatedWorld['records'];
}

/**
 * Invariant 6, of all jobs and snapshots there are: nothing is deleted that a live snapshot refers to, or a checkpoint
 * that a job keeps, what it was restored from included. A job that has ended keeps its checkpoints until its effects have
 * made snapshots of them, or not at all if they are to go. What a job has for itself is kept by that job alone.
 */
export class KeptChecker implements RecordObserver, ObjectObserver {
  readonly #options: KeptCheckerOptions;
  /** By what refers: the names of what it refers to. */
  readonly #held = new Map<string, ReadonlySet<string>>();
  /** By the uri of a document: what it refers to, itself included. Documents never change under one name, migration apart. */
  readonly #documents = new Map<string, ReadonlySet<string>>();

  constructor(options: KeptCheckerOptions) {
    this.#options = options;
    for (const { key, fields } of options.already ?? []) this.onRecord({ key, after: { key, fields } });
  }

  onRecord({ key, after }: { readonly key: RecordKey; readonly after: Pick<StoredRecord, 'key' | 'fields'> | undefined }): void {
    if (key.partition.startsWith('segment/') && after === undefined)
      this.#deleted(segmentName({ at: { kind: 'record', ...key }, checksum: '' }));
    if (key.partition.startsWith('snapshot/') && after !== undefined) this.#snapshot(after.fields as unknown as SnapshotRecord);
    if (key.partition.startsWith('job/') && key.sort === 'record' && after !== undefined) this.#job(after.fields as unknown as JobRecord);
  }

  onDelete(uri: string): void {
    this.#deleted(uri);
  }

  #deleted(name: string): void {
    for (const [holder, names] of this.#held) {
      this.#options.violations.expect(!names.has(name), 6, () => `${name} was deleted, although ${holder} refers to it`);
    }
  }

  #snapshot({ path, state, claims, metadata }: SnapshotRecord): void {
    const holder = `the snapshot ${path}`;
    if (state !== 'live' || claims.some(({ mode }) => mode === 'claim')) this.#held.delete(holder);
    else this.#held.set(holder, this.#namesIn(metadata.uri));
  }

  #job(record: JobRecord): void {
    // Savepoints that are committed, whose records are about to be written.
    for (const { outcome } of record.effects?.answers ?? []) {
      if (outcome.kind === 'savepoint' && this.#options.records.peek(recordKeys.snapshot(outcome.path)) === undefined)
        this.#held.set(`the snapshot ${outcome.path}`, this.#namesIn(outcome.metadata.uri));
    }
    // What a job began from in a restore is no checkpoint of its own: it goes with the job if none follows.
    const ended = isTerminal(record.status);
    const kept = this.#keeps(record) ? [...record.retained, record.latest].filter(({ attempt }) => !ended || attempt > 0) : [];
    const holder = `job ${record.jobId}`;
    this.#held.set(
      holder,
      new Set(kept.flatMap(({ manifest }: CheckpointRef) => (manifest === undefined ? [] : [...this.#namesIn(manifest.uri)]))),
    );
  }

  #keeps({ jobId, status, effects }: JobRecord): boolean {
    if (!isTerminal(status)) return true;
    if (effects === undefined) return false;
    const description = this.#options.records.peek(recordKeys.jobDescription(jobId))?.fields as unknown as JobDescription;
    const { onFinish, onCancel, onFailure } = retentionOf(description);
    return (status === 'FINISHED' ? onFinish : status === 'CANCELED' ? onCancel : onFailure) === 'retain';
  }

  #namesIn(uri: string): ReadonlySet<string> {
    const known = this.#documents.get(uri);
    if (known !== undefined) return known;
    const bytes = this.#options.objects.peek(uri);
    const names = new Set([uri]);
    if (bytes !== undefined) {
      for (const name of storedSegments(resolveReferences(decodeManifest(bytes), directoryOf(uri))).keys()) names.add(name);
      this.#documents.set(uri, names);
    }
    return names;
  }
}
