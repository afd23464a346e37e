/**
 * Who still needs a job's segments. A segment is in the manifest of every checkpoint from the one it was written for to
 * the last one before it was dropped, without a gap. Hence, of a segment w that checkpoint s refers to:
 *
 * 1. A holder at a checkpoint from w to s refers to it too; no manifest need be read.
 * 2. If any holder after s refers to it, the next one after s does; one manifest is read.
 *
 * Both work on what is committed: nothing ever refers to a segment again that all holders have dropped.
 */
import { checksumOf } from '../base/bytes.ts';
import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { verifiedManifest } from '../protocol/manifest-codec.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import type { MetadataRef } from '../protocol/request.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';
import { isAlive, jobRecordOf } from './job-of-snapshot.ts';
import { titleOf } from './snapshot-errors.ts';
import { snapshotEntries } from './snapshot-store.ts';

/** A checkpoint whose state must stay. */
export interface Holder {
  readonly checkpoint: number;
  /** For people: "the latest checkpoint of job ...". */
  readonly title: string;
  /** Nothing: its record is just being written; it is also the job's latest. */
  readonly metadata: MetadataRef | undefined;
}

export interface HolderOptions {
  /** The snapshot that is about to go: it holds nothing. */
  readonly without?: string;
  /** Left out: snapshots alone, whatever the job's own checkpoints are. Those of a job that has ended never count. */
  readonly checkpointsOfJob?: false;
}

type Stores = Pick<Cloud, 'records' | 'objects'>;

/** All that needs segments of the job, in the order of the checkpoints. */
export async function holdersOf(cloud: Stores, jobId: string, options: HolderOptions = {}): Promise<readonly Holder[]> {
  const entries = await snapshotEntries(cloud, jobId);
  const holders = entries.flatMap(({ path, checkpoint, record }): readonly Holder[] => {
    if (path === options.without) return [];
    if (record === undefined) return [{ checkpoint, title: titleOf(path), metadata: undefined }];
    const pins = record.state === 'live' && record.format === 'native';
    return pins ? [{ checkpoint, title: titleOf(path), metadata: record.metadata }] : [];
  });
  const job = options.checkpointsOfJob === false ? undefined : await jobRecordOf(cloud, jobId);
  if (job === undefined || !isAlive(job)) return holders;
  for (const { checkpoint, manifest } of [...job.retained, job.latest]) {
    if (manifest !== undefined) holders.push({ checkpoint, title: `checkpoint ${checkpoint} of job ${jobId}`, metadata: manifest });
  }
  return holders.sort((a, b) => a.checkpoint - b.checkpoint);
}

/** Whether a holder needs a segment, by rule 1 alone: for a segment that no checkpoint after `until` refers to. */
export const pinnedBy = (ref: SegmentRef, until: number, holders: readonly Holder[]): Holder | undefined =>
  holders.find(({ checkpoint }) => checkpoint >= ref.checkpoint && checkpoint <= until);

const triesMax = 5;

/**
 * What a snapshot, as resolved, shares with all that is kept of a job: by the name of the segment, with whom. `foreign`
 * references don't count: what a job was restored from is kept by its claim. The job may complete checkpoints meanwhile
 * and delete what was to be read: then it is asked again.
 */
export async function neededByJob(
  cloud: Stores,
  jobId: string,
  snapshot: { readonly path: string; readonly manifest: Manifest },
): Promise<ReadonlyMap<string, Holder>> {
  for (let tries = 1; ; tries++) {
    try {
      return await neededBy(cloud, await holdersOf(cloud, jobId, { without: snapshot.path }), snapshot.manifest);
    } catch (error) {
      if (!WeirError.is(error) || error.code !== 'MANIFEST_MISSING' || tries === triesMax) throw error;
    }
  }
}

async function neededBy(cloud: Stores, holders: readonly Holder[], manifest: Manifest): Promise<ReadonlyMap<string, Holder>> {
  const { checkpoint } = manifest;
  const needed = new Map<string, Holder>();
  const next = holders.find((holder) => holder.checkpoint > checkpoint && holder.metadata !== undefined);
  const after = next === undefined ? new Map<string, SegmentRef>() : await ownSegments(cloud, next.metadata!);
  for (const [name, ref] of storedSegments(manifest)) {
    const holder = pinnedBy(ref, checkpoint, holders) ?? (after.has(name) ? next : undefined);
    if (holder !== undefined) needed.set(name, holder);
  }
  return needed;
}

async function ownSegments(cloud: Stores, metadata: MetadataRef): Promise<ReadonlyMap<string, SegmentRef>> {
  const found = await cloud.objects.get(metadata.uri);
  const migrated = found !== undefined && metadata.migratingTo !== undefined && checksumOf(found) === metadata.migratingTo;
  const manifest = verifiedManifest(migrated ? { ...metadata, checksum: metadata.migratingTo! } : metadata, found);
  return new Map([...storedSegments(manifest)].filter(([, ref]) => ref.foreign !== true));
}
