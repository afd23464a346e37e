/**
 * Who still needs a job's segments. A segment is in the manifest of every checkpoint from the one it was written for to
 * the last one before it was dropped, without a gap. Hence, of a segment w that checkpoint s refers to:
 *
 * 1. A holder at a checkpoint from w to s refers to it too; no manifest need be read.
 * 2. If any holder after s refers to it, the next one after s does; one manifest is read.
 * 3. A job that took it over from a snapshot, its heir, has it in its first holder, or dropped it; one manifest is read.
 *
 * All work on what is committed: nothing ever refers to a segment again that all holders have dropped. A job's record is
 * read before its snapshots: what was committed by then is in one of them, and what comes later refers to no more.
 */
import { checksumOf } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import { isAlive } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { verifiedManifest } from '../protocol/manifest-codec.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import type { MetadataRef } from '../protocol/request.ts';
import { type SegmentRef, segmentName } from '../protocol/segment-ref.ts';
import { jobRecordOf } from './job-of-snapshot.ts';
import { titleOf } from './snapshot-errors.ts';
import { heirsOf, type SnapshotEntry, snapshotEntries } from './snapshot-store.ts';

/** A checkpoint whose state must stay. */
export interface Holder {
  readonly checkpoint: number;
  /** For people: "the latest checkpoint of job ...". */
  readonly title: string;
  /** Nothing: its record is just being written; it is also the job's latest. */
  readonly metadata: MetadataRef | undefined;
  /** Of a savepoint or retained checkpoint, whose metadata may have been deleted by hand. */
  readonly path?: string;
}

/** A segment that goes unless somebody needs it. */
export interface Candidate {
  readonly ref: SegmentRef;
  /** The last checkpoint of its job that refers to it, as far as the asker knows. */
  readonly until: number;
}

type Stores = Pick<Cloud, 'records' | 'objects'>;
type Needed = ReadonlyMap<string, Holder>;

const triesMax = 5;

/**
 * Of segments that no checkpoint of their job refers to any more, those that nobody else needs either. They are asked for
 * in the job's index of snapshots, from the oldest of them on.
 */
export async function unneededOf(cloud: Stores, jobId: string, candidates: readonly Candidate[]): Promise<readonly SegmentRef[]> {
  if (candidates.length === 0) return [];
  const from = Math.min(...candidates.map(({ ref }) => ref.checkpoint));
  const to = Math.max(...candidates.map(({ until }) => until));
  const entries = await snapshotEntries(cloud, jobId, { from, to });
  const holders = holdersAmong(entries);
  const unpinned = candidates.filter(({ ref, until }) => pinnedBy(ref, until, holders) === undefined).map(({ ref }) => ref);
  const taken = await persistently(async (last) => await neededByHeirs(cloud, entries, unpinned, last));
  return unpinned.filter((ref) => !taken.has(segmentName(ref)));
}

/**
 * What a snapshot, as resolved, shares with all that is kept of a job and of its heirs: by the name of the segment, with
 * whom. `foreign` references don't count: what a job was restored from is kept by its claim.
 */
export async function neededByJob(
  cloud: Stores,
  jobId: string,
  snapshot: { readonly path: string; readonly manifest: Manifest },
): Promise<Needed> {
  const segments = [...storedSegments(snapshot.manifest).values()];
  if (segments.length === 0) return new Map();
  const until = snapshot.manifest.checkpoint;
  const from = Math.min(...segments.map(({ checkpoint }) => checkpoint));
  return await persistently(async (last) => {
    const { holders: all, entries } = await lookAt(cloud, jobId, from);
    const holders = all.filter(({ path }) => path !== snapshot.path);
    const next = holders.find((holder) => holder.checkpoint > until && holder.metadata !== undefined);
    const after = next === undefined ? new Set<string>() : await ownSegments(cloud, next, last);
    const needed = new Map<string, Holder>();
    for (const ref of segments) {
      const holder = pinnedBy(ref, until, holders) ?? (refersTo(after, ref) ? namedAs(next!, after) : undefined);
      if (holder !== undefined) needed.set(segmentName(ref), holder);
    }
    const others = entries.filter(({ path }) => path !== snapshot.path);
    return new Map([...(await neededByHeirs(cloud, others, segments, last)), ...needed]);
  });
}

/** What a job needs that it took over from a snapshot at this checkpoint. */
export async function neededByHeir(cloud: Stores, jobId: string, segments: readonly SegmentRef[]): Promise<Needed> {
  return await persistently(async (last) => await taken(cloud, jobId, segments, last));
}

/** A job may complete checkpoints meanwhile and delete what was to be read: then it is asked again. */
async function persistently<T>(look: (last: boolean) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await look(tries === triesMax);
    } catch (error) {
      if (!isUnreadable(error) || tries === triesMax) throw error;
    }
  }
}

/** All that needs segments of the job, in the order of the checkpoints, without snapshots before `from`. */
async function lookAt(
  cloud: Stores,
  jobId: string,
  from: number,
): Promise<{ readonly holders: readonly Holder[]; readonly entries: readonly SnapshotEntry[] }> {
  const job = await jobRecordOf(cloud, jobId);
  const entries = await snapshotEntries(cloud, jobId, { from });
  const checkpoints = job === undefined || !isAlive(job) ? [] : [...job.retained, job.latest];
  const ofJob = checkpoints.flatMap(({ checkpoint, manifest }): readonly Holder[] =>
    manifest === undefined ? [] : [{ checkpoint, title: `checkpoint ${checkpoint} of job ${jobId}`, metadata: manifest }],
  );
  return { holders: [...holdersAmong(entries), ...ofJob].sort((a, b) => a.checkpoint - b.checkpoint), entries };
}

const holdersAmong = (entries: readonly SnapshotEntry[]): readonly Holder[] =>
  entries.flatMap(({ path, checkpoint, record }): readonly Holder[] => {
    const pins = record === undefined || (record.state === 'live' && record.format === 'native');
    return pins ? [{ path, checkpoint, title: titleOf(path), metadata: record?.metadata }] : [];
  });

/** Whether a holder needs a segment, by rule 1 alone: for a segment that no checkpoint after `until` refers to. */
const pinnedBy = (ref: SegmentRef, until: number, holders: readonly Holder[]): Holder | undefined =>
  holders.find(({ checkpoint }) => checkpoint >= ref.checkpoint && checkpoint <= until);

/** A live snapshot keeps for its heir what it has; of one that goes or is gone, the heir is asked. */
async function neededByHeirs(
  cloud: Stores,
  entries: readonly SnapshotEntry[],
  segments: readonly SegmentRef[],
  last: boolean,
): Promise<Needed> {
  const needed = new Map<string, Holder>();
  for (const { record, checkpoint } of entries) {
    if (record === undefined || record.state === 'live') continue;
    const there = segments.filter((ref) => ref.checkpoint <= checkpoint);
    for (const heir of heirsOf(record)) for (const [name, holder] of await taken(cloud, heir, there, last)) needed.set(name, holder);
  }
  return needed;
}

/** By rule 3, of the job or of whoever took over from it. */
async function taken(cloud: Stores, jobId: string, segments: readonly SegmentRef[], last: boolean): Promise<Needed> {
  if (segments.length === 0) return new Map();
  const { holders, entries } = await lookAt(cloud, jobId, 0);
  const first = holders.find(({ metadata }) => metadata !== undefined);
  const own = first === undefined ? new Set<string>() : await ownSegments(cloud, first, last);
  const needed = new Map(await neededByHeirs(cloud, entries, segments, last));
  for (const ref of segments) if (refersTo(own, ref)) needed.set(segmentName(ref), namedAs(first!, own));
  return needed;
}

type Names = ReadonlySet<string> | 'unreadable';

const refersTo = (names: Names, ref: SegmentRef): boolean => names === 'unreadable' || names.has(segmentName(ref));

const namedAs = (holder: Holder, names: Names): Holder =>
  names === 'unreadable' ? { ...holder, title: `${holder.title}, whose metadata can't be read, possibly` } : holder;

const isUnreadable = (error: unknown): boolean =>
  WeirError.is(error) && ['MANIFEST_MISSING', 'MANIFEST_CORRUPT', 'MANIFEST_TOO_NEW'].includes(error.code);

/**
 * The names of what a holder refers to and its job may delete. A snapshot whose metadata is gone or spoilt for good may refer
 * to anything, until it is disposed of: it must not keep all others from going.
 */
async function ownSegments(cloud: Stores, { metadata, path }: Holder, last: boolean): Promise<Names> {
  try {
    const found = await cloud.objects.get(metadata!.uri);
    const migrated = found !== undefined && metadata!.migratingTo !== undefined && checksumOf(found) === metadata!.migratingTo;
    const manifest = verifiedManifest(migrated ? { ...metadata!, checksum: metadata!.migratingTo! } : metadata!, found);
    return new Set([...storedSegments(manifest)].filter(([, ref]) => ref.foreign !== true).map(([name]) => name));
  } catch (error) {
    if (last && path !== undefined && isUnreadable(error)) return 'unreadable';
    throw error;
  }
}
