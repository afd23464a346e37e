import { checksumOf, fromUtf8 } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import { isAlive } from '../protocol/job-record.ts';
import { type Manifest, manifestVersion } from '../protocol/manifest.ts';
import { decodeManifest } from '../protocol/manifest-codec.ts';
import { isSelfContained, mapSegments } from '../protocol/manifest-segments.ts';
import { objectUris } from '../protocol/names.ts';
import type { MetadataRef } from '../protocol/request.ts';
import type { SnapshotRecord } from '../protocol/snapshot-record.ts';
import { jobRecordOf } from './job-of-snapshot.ts';
import { missingSegments } from './missing-segments.ts';
import { newSnapshotRecord } from './new-snapshot-record.ts';
import { disposed, notASavepoint, notCommitted, notFound, notRetained, segmentsMissing, titleOf } from './snapshot-errors.ts';
import { checkpointOfPath, directoryOf, snapshotPath } from './snapshot-path.ts';
import { readSnapshot, recordSnapshot } from './snapshot-store.ts';

/** A savepoint or retained checkpoint that may be restored from. */
export interface OpenedSnapshot {
  /** The directory, as records name it. */
  readonly path: string;
  /** Nothing for a self-contained savepoint that was brought here from elsewhere: nobody here knows of it. */
  readonly record: SnapshotRecord | undefined;
  /** Every reference in it leads somewhere: relative ones are resolved against the directory. */
  readonly manifest: Manifest;
  readonly metadata: MetadataRef;
  readonly metadataBytes: number;
  /** Of the document as it is stored; `manifest` is of the current one. */
  readonly version: number;
  /** It needs nothing outside of its directory. */
  readonly selfContained: boolean;
}

export interface OpenOptions {
  /** Whether every segment is looked for, so that a restore does not begin in vain. Default true. */
  readonly verify?: boolean;
}

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;

/**
 * Finds a snapshot by what users write: its directory, with slashes or not, or its `_metadata` file. Throws, each time by
 * name and with advice: SNAPSHOT_PATH_INVALID, SAVEPOINT_NOT_FOUND, NOT_A_SAVEPOINT, SAVEPOINT_DISPOSED,
 * SAVEPOINT_NOT_COMMITTED for what an attempt left that never committed, CHECKPOINT_NOT_RETAINED for a checkpoint of a job
 * that runs, MANIFEST_TOO_NEW, MANIFEST_CORRUPT for metadata that is cut off or overwritten, SEGMENT_MISSING.
 */
export async function openSnapshot(cloud: Stores, given: string, options: OpenOptions = {}): Promise<OpenedSnapshot> {
  const path = snapshotPath(given);
  const record = await readSnapshot(cloud, path);
  const opened = record === undefined ? await openUnknown(cloud, path) : await openKnown(cloud, record);
  if (options.verify === false) return opened;
  const missing = await missingSegments(cloud, opened.manifest);
  if (missing.length > 0) throw segmentsMissing(path, missing);
  return opened;
}

async function openKnown(cloud: Stores, record: SnapshotRecord): Promise<OpenedSnapshot> {
  if (record.state !== 'live') throw disposed(record.path, record.state);
  return readKnown(cloud, record);
}

/** What a record names, whatever state the record is in. */
export async function readKnown(cloud: Stores, record: SnapshotRecord): Promise<OpenedSnapshot> {
  const { path, metadata } = record;
  const bytes = await cloud.objects.get(metadata.uri);
  if (bytes === undefined) throw notFound(path, `it is known here, but its metadata ${metadata.uri} is gone; was it deleted by hand?`);
  const checksum = checksumOf(bytes);
  if (checksum !== metadata.checksum && checksum !== metadata.migratingTo) {
    throw corrupt(path, `${metadata.uri} is not what was written, its checksum differs`);
  }
  return opened(path, record, metadata.uri, bytes);
}

async function openUnknown(cloud: Stores, path: string): Promise<OpenedSnapshot> {
  const of = checkpointOfPath(path);
  if (of !== undefined) {
    const job = await jobRecordOf(cloud, of.jobId);
    if (job !== undefined && isAlive(job)) throw notRetained(path, of.jobId);
    throw notFound(path, job === undefined ? `no job ${of.jobId} is known here` : `job ${of.jobId} has ended and has not retained it`);
  }
  const uri = objectUris.metadata(path);
  const bytes = await cloud.objects.get(uri);
  if (bytes === undefined) throw await nothingThere(cloud, path);
  const found = opened(path, undefined, uri, bytes);
  return found.selfContained ? found : adopt(cloud, found);
}

/**
 * A native savepoint without a record: either its record is just about to be written, for its commit has happened; or an
 * attempt wrote it that never committed, or somebody moved it.
 */
async function adopt(cloud: Stores, found: OpenedSnapshot): Promise<OpenedSnapshot> {
  const { path, manifest, metadata, metadataBytes } = found;
  const job = await jobRecordOf(cloud, manifest.jobId);
  if (job === undefined) throw notCommitted(path, `it points to the state of job ${manifest.jobId}, which is not known here`);
  const answer = job.effects?.answers.find(({ outcome }) => outcome.kind === 'savepoint' && outcome.path === path);
  if (answer === undefined) {
    const late = await readSnapshot(cloud, path);
    if (late !== undefined) return openKnown(cloud, late);
    throw notCommitted(
      path,
      `it points to the state of checkpoint ${manifest.checkpoint} of job ${manifest.jobId}, and either attempt ${manifest.attempt}, which wrote it, was never completed, or it was moved`,
    );
  }
  const createdAt = cloud.clock.now();
  const drained = answer.request.drain === true;
  const fresh = { path, manifest, metadata, metadataBytes, createdAt, drained };
  await recordSnapshot(cloud, newSnapshotRecord({ ...fresh, kind: 'savepoint', format: 'native', effectsDone: false }));
  const record = await readSnapshot(cloud, path);
  if (record === undefined) throw notFound(path, 'its record is gone');
  return openKnown(cloud, record);
}

function opened(path: string, record: SnapshotRecord | undefined, uri: string, bytes: Uint8Array): OpenedSnapshot {
  const stored = decode(path, uri, bytes);
  return {
    path,
    record,
    manifest: resolveReferences(stored, directoryOf(uri)),
    metadata: { uri, checksum: checksumOf(bytes) },
    metadataBytes: bytes.byteLength,
    version: versionOf(bytes),
    selfContained: isSelfContained(stored),
  };
}

/** The manifest with references that lead from the directory itself. */
export function resolveReferences(manifest: Manifest, directory: string): Manifest {
  return mapSegments(manifest, (ref) =>
    ref.at.kind === 'relative' ? { ...ref, at: { kind: 'object', uri: `${directory}/${ref.at.path}` } } : ref,
  );
}

function decode(path: string, uri: string, bytes: Uint8Array): Manifest {
  try {
    return decodeManifest(bytes);
  } catch (error) {
    if (!WeirError.is(error) || error.code !== 'MANIFEST_CORRUPT') throw error;
    throw looksLikeMetadata(bytes)
      ? corrupt(path, `${uri} can't be read, or is cut off: ${error.message}`, error)
      : notASavepoint(path, `${uri} is something else`);
  }
}

/** Every version says so at its beginning. */
function versionOf(bytes: Uint8Array): number {
  const said = /^\s*\{\s*"version"\s*:\s*(\d+)/.exec(fromUtf8(bytes.subarray(0, 64)))?.[1];
  return said === undefined ? manifestVersion : Number(said);
}

/** A document that begins as ours do was one, whatever became of it. */
function looksLikeMetadata(bytes: Uint8Array): boolean {
  try {
    return /^\s*\{\s*"version"\s*:/.test(fromUtf8(bytes.subarray(0, 64)));
  } catch {
    return false;
  }
}

async function nothingThere(cloud: Stores, path: string): Promise<WeirError> {
  const [below, itself] = await Promise.all([cloud.objects.list(`${path}/`), cloud.objects.head(path)]);
  if (itself !== undefined) return notASavepoint(path, 'it is a file');
  const names = below.objects.map(({ uri }) => uri.slice(path.length + 1));
  if (names.length === 0) return notFound(path, 'there is nothing of that name');
  const inside = names.find((name) => name.endsWith('/_metadata'));
  const hint = inside === undefined ? '' : `; did you mean ${path}/${inside.slice(0, -'/_metadata'.length)}?`;
  return notASavepoint(path, `it holds ${names.length === 1 ? 'one other file' : 'other files'}${hint}`);
}

function corrupt(path: string, found: string, cause?: unknown): WeirError {
  return new WeirError({
    code: 'MANIFEST_CORRUPT',
    domain: 'external',
    message: `The metadata of ${titleOf(path).toLowerCase().slice(0, 1)}${titleOf(path).slice(1)} can't be used: ${found}.`,
    advice: 'Restore from another checkpoint or savepoint.',
    subject: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
