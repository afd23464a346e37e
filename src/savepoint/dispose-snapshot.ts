/**
 * How a snapshot goes. Each step may be done again, and whoever comes after a crash goes on where it was:
 *
 * 1. Its record turns `deleting`: from then on nobody restores from it. Refused while a claim holds.
 * 2. Its segments that nothing else refers to are deleted.
 * 3. Its metadata is deleted.
 * 4. Its entry in the job's index goes, and its record turns `deleted`: a tombstone, so that nothing late brings it back.
 */
import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import { isAlive } from '../protocol/job-record.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import { recordKeys } from '../protocol/names.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import type { SnapshotClaim, SnapshotRecord } from '../protocol/snapshot-record.ts';
import { claimHolds } from './claims.ts';
import { deleteSegments } from './delete-stored.ts';
import { type Holder, neededByHeir, neededByJob } from './holders.ts';
import { jobOf } from './job-of-snapshot.ts';
import { mayPass } from './may-pass.ts';
import { newSnapshotRecord } from './new-snapshot-record.ts';
import { type OpenedSnapshot, openSnapshot, readKnown } from './open-snapshot.ts';
import { disposed, titleOf } from './snapshot-errors.ts';
import { snapshotPath } from './snapshot-path.ts';
import { heirsOf, readSnapshot, updateSnapshot } from './snapshot-store.ts';

export interface Kept {
  readonly what: string;
  readonly why: string;
}

export interface Disposal {
  readonly path: string;
  /** Segments and the metadata document; those that an earlier try deleted included, where they are known. */
  readonly deleted: number;
  readonly deletedBytes: number;
  readonly kept: readonly Kept[];
}

export interface DisposeOptions {
  /** Also while jobs still read from it: they fail when they next load its state. */
  readonly force?: boolean;
  /** The job whose own claim is no hindrance: it gives the snapshot up. */
  readonly by?: string;
  /** Id of the operation that asks: what it did itself before is no error. */
  readonly operation?: string;
}

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;

/**
 * Deletes a savepoint or retained checkpoint with all that only it needs. Throws SAVEPOINT_DISPOSED when it is gone
 * already, SAVEPOINT_IN_USE while a job reads from it, and as openSnapshot does.
 */
export async function disposeSnapshot(cloud: Stores, given: string, options: DisposeOptions = {}): Promise<Disposal> {
  const path = snapshotPath(given);
  const known = await readSnapshot(cloud, path);
  if (known?.state === 'deleted') {
    if (options.operation !== undefined && known.disposal === options.operation) return { path, deleted: 0, deletedBytes: 0, kept: [] };
    throw disposed(path, 'deleted');
  }
  // What nobody here knows has to be found first; it gets a record, so that a crash half-way is found too.
  const unknown = known === undefined ? await openSnapshot(cloud, path, { verify: false }) : undefined;
  const record = await updateSnapshot(cloud, path, async (current) => {
    const now = current ?? (unknown?.record === undefined && unknown !== undefined ? recordOf(cloud, unknown) : unknown?.record);
    if (now === undefined || now.state === 'deleted') throw disposed(path, 'deleted');
    if (now.state === 'deleting') return { answer: now };
    const holding = options.force === true ? undefined : await holdingClaim(cloud, now, options.by);
    if (holding !== undefined) throw inUse(path, holding);
    const put: SnapshotRecord = { ...now, state: 'deleting', ...(options.operation === undefined ? {} : { disposal: options.operation }) };
    return { answer: put, put };
  });
  return finish(cloud, record, options.force === true);
}

function recordOf(cloud: Stores, snapshot: OpenedSnapshot): SnapshotRecord {
  return newSnapshotRecord({
    ...snapshot,
    kind: 'savepoint',
    format: 'canonical',
    createdAt: cloud.clock.now(),
    effectsDone: false,
  });
}

async function holdingClaim(cloud: Stores, record: SnapshotRecord, by: string | undefined): Promise<SnapshotClaim | undefined> {
  for (const claim of record.claims) {
    if (claim.jobId !== by && (await claimHolds(cloud, claim))) return claim;
  }
  return undefined;
}

/** Steps 2 to 4 of a snapshot that is being deleted. */
async function finish(cloud: Stores, record: SnapshotRecord, force: boolean): Promise<Disposal> {
  const { path, metadata } = record;
  const found = await metadataOf(cloud, record, force);
  const { going, kept } = found === undefined ? { going: [], kept: [] } : await divide(cloud, record, found);
  await deleteSegments(cloud, going);
  await cloud.objects.delete(metadata.uri);
  // Whoever finds out later what may go must still find them. Nothing else has segments in common with a copy.
  const heirs = record.format === 'native' ? record.claims.filter(({ mode }) => mode === 'claim') : [];
  if (heirs.length === 0) await cloud.records.delete(recordKeys.snapshotIndex(record));
  if (record.kind === 'checkpoint') await releaseVoidClaim(cloud, record.jobId);
  await updateSnapshot(cloud, path, (current) => {
    if (current === undefined || current.state === 'deleted') return { answer: undefined };
    return { answer: undefined, put: { ...current, state: 'deleted', claims: heirs } };
  });
  const deletedBytes = going.reduce((sum, ref) => sum + ref.bytes, found === undefined ? 0 : found.metadataBytes);
  return { path, deleted: going.length + (found === undefined ? 0 : 1), deletedBytes, kept: summed(kept) };
}

/** Of a job that has ended and whose last checkpoint just went: nobody reads any more from what it was restored from. */
async function releaseVoidClaim(cloud: Stores, jobId: string): Promise<void> {
  const job = await jobOf(cloud, jobId);
  if (job === undefined || isAlive(job.record) || job.record.claims !== true || job.description.restored === undefined) return;
  await releaseClaim(cloud, { path: job.description.restored.path, jobId });
}

/**
 * A job gives up its claim on what it was restored from: nothing it keeps refers to segments that are not its own. What it
 * had claimed for itself goes with that. Done again it does nothing. A snapshot that can't be deleted, for want of the right
 * to or since it was spoilt by hand, must not keep the job from going on: it stays `deleting`, for whoever disposes of it.
 */
export async function releaseClaim(cloud: Stores, of: { readonly path: string; readonly jobId: string }): Promise<void> {
  const path = snapshotPath(of.path);
  const claim = (await readSnapshot(cloud, path))?.claims.find(({ jobId }) => jobId === of.jobId);
  if (claim?.mode !== 'claim') return dropClaim(cloud, of);
  try {
    await disposeSnapshot(cloud, path, { by: of.jobId });
  } catch (error) {
    const forGood = WeirError.is(error) && error.domain !== 'internal' && !mayPass(error);
    if (!forGood) throw error;
  }
}

/** Takes a claim back, and leaves the snapshot as it is. */
export async function dropClaim(cloud: Stores, of: { readonly path: string; readonly jobId: string }): Promise<void> {
  await updateSnapshot(cloud, snapshotPath(of.path), (record) => {
    const claims = record?.claims.filter(({ jobId }) => jobId !== of.jobId);
    if (record === undefined || record.state !== 'live' || claims?.length === record.claims.length) return { answer: undefined };
    return { answer: undefined, put: { ...record, claims: claims! } };
  });
}

/** Nothing: an earlier try came as far as deleting it, or somebody else is doing so; its segments went before. By force also if it is corrupt. */
async function metadataOf(cloud: Stores, record: SnapshotRecord, force: boolean): Promise<OpenedSnapshot | undefined> {
  try {
    return await readKnown(cloud, record);
  } catch (error) {
    const nothingToLearn = WeirError.is(error) && (error.code === 'SAVEPOINT_NOT_FOUND' || (force && error.code === 'MANIFEST_CORRUPT'));
    if (nothingToLearn) return undefined;
    throw error;
  }
}

interface KeptSegment {
  readonly ref: SegmentRef;
  readonly holder: Holder;
}

async function divide(
  cloud: Stores,
  record: SnapshotRecord,
  snapshot: OpenedSnapshot,
): Promise<{ readonly going: readonly SegmentRef[]; readonly kept: readonly KeptSegment[] }> {
  const segments = [...storedSegments(snapshot.manifest)].filter(([, ref]) => ref.foreign !== true);
  const needed = await neededOf(cloud, record, snapshot);
  const going = segments.flatMap(([name, ref]) => (needed.has(name) ? [] : [ref]));
  const kept = segments.flatMap(([name, ref]) => (needed.has(name) ? [{ ref, holder: needed.get(name)! }] : []));
  return { going, kept };
}

/** By the snapshot's own job, unless the snapshot has copies of its own, and by jobs that took its segments over. */
async function neededOf(cloud: Stores, record: SnapshotRecord, snapshot: OpenedSnapshot): Promise<ReadonlyMap<string, Holder>> {
  const needed = new Map(snapshot.selfContained ? [] : await neededByJob(cloud, record.jobId, snapshot));
  const segments = [...storedSegments(snapshot.manifest).values()];
  for (const heir of heirsOf(record)) for (const [name, holder] of await neededByHeir(cloud, heir, segments)) needed.set(name, holder);
  return needed;
}

/** One line for each holder. */
function summed(kept: readonly KeptSegment[]): readonly Kept[] {
  const byTitle = new Map<string, KeptSegment[]>();
  for (const each of kept) byTitle.set(each.holder.title, [...(byTitle.get(each.holder.title) ?? []), each]);
  return [...byTitle].map(([title, each]) => ({
    what: `${each.length} ${each.length === 1 ? 'segment' : 'segments'}, ${each.reduce((sum, { ref }) => sum + ref.bytes, 0)} bytes`,
    why: `${title} refers to them`,
  }));
}

function inUse(path: string, by: SnapshotClaim): WeirError {
  return new WeirError({
    code: 'SAVEPOINT_IN_USE',
    domain: 'user',
    message: `${titleOf(path)} can't be disposed of: job ${by.jobId}, which was started from it, still reads from it.`,
    advice:
      'Wait until that job has completed its first checkpoints, or stop it; to delete what it needs nevertheless: weir savepoint -d --force <path>',
    subject: { path, jobId: by.jobId },
  });
}
