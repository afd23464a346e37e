/**
 * Explains everything below a state directory, and the segments in records of all jobs that are known: who refers to it,
 * or why it may go. What is stored is listed first and what refers to it is read after that. Of what was there then and
 * was of an attempt that is over by now, nothing that is not referred to will ever be: references are only learned from
 * acknowledgements of an attempt that is pending. So nothing that is found to be garbage is ever needed again.
 */
import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { type Cloud, recordsOf } from '../cloud/index.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import { isTerminal } from '../protocol/job-record.ts';
import { attemptOfSegment, objectOfName, type StateObject, segmentPartition } from '../protocol/names.ts';
import { segmentName } from '../protocol/segment-ref.ts';
import { deleteSegments } from './delete-stored.ts';
import { jobOf } from './job-of-snapshot.ts';
import { type JobReferences, referencesOf } from './job-references.ts';
import { knownJobs } from './list-snapshots.ts';

export interface StoredItem {
  /** An object's uri, or "record <partition> <sort>". */
  readonly name: string;
  readonly at:
    | { readonly kind: 'object'; readonly uri: string }
    | { readonly kind: 'record'; readonly partition: string; readonly sort: string };
  readonly bytes: number;
  /** Nothing of a name that is none of Weir's. */
  readonly what: StateObject | undefined;
  readonly verdict: Verdict;
}

export type Verdict =
  | { readonly kind: 'needed'; readonly by: readonly string[] }
  | { readonly kind: 'garbage'; readonly why: string }
  /** Not to be deleted, or not yet. */
  | { readonly kind: 'left'; readonly why: string };

export interface ExplainOptions {
  /** The deployment's state directory; no slash at the end. */
  readonly stateRoot: string;
}

type Stores = Pick<Cloud, 'records' | 'objects' | 'clock'>;
type Found = Omit<StoredItem, 'verdict'>;

/** One item for everything that is stored, objects first, each with its verdict. Touches nothing. */
export async function explainStorage(cloud: Stores, { stateRoot }: ExplainOptions): Promise<readonly StoredItem[]> {
  const found: Found[] = [];
  found.push(...(await objectsBelow(cloud, stateRoot)));
  const jobIds = await knownJobs(cloud);
  for (const jobId of jobIds) {
    const job = await jobOf(cloud, jobId);
    if (job !== undefined) found.push(...(await segmentRecords(cloud, job.description)));
  }
  const references = new Map<string, JobReferences>();
  for (const jobId of jobIds) {
    const of = await referencesOf(cloud, jobId);
    if (of !== undefined) references.set(jobId, of);
  }
  const holders = new Map<string, string[]>();
  for (const { names } of references.values()) {
    for (const [name, by] of names) holders.set(name, [...(holders.get(name) ?? []), ...by]);
  }
  const now = cloud.clock.now();
  return found.map((item) => ({ ...item, verdict: verdictOn(item, references, holders.get(item.name), now) }));
}

/** Deletes what is garbage of what was explained, and nothing else. */
export async function deleteGarbage(
  cloud: Stores,
  items: readonly StoredItem[],
): Promise<{ readonly deleted: number; readonly bytes: number }> {
  const garbage = items.filter(({ verdict }) => verdict.kind === 'garbage');
  for (const { verdict } of garbage) assert(verdict.kind === 'garbage', 'only garbage is deleted');
  await deleteSegments(cloud, garbage);
  return { deleted: garbage.length, bytes: garbage.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function objectsBelow(cloud: Stores, root: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  let after: string | undefined;
  do {
    const page = await cloud.objects.list(`${root}/`, after);
    for (const { uri, bytes } of page.objects) {
      found.push({ name: uri, at: { kind: 'object', uri }, bytes, what: objectOfName(root, uri) });
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

async function segmentRecords(cloud: Stores, { jobId, graph }: JobDescription): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const { vertexId, parallelism } of graph.vertices) {
    for (let subtask = 0; subtask < parallelism; subtask++) {
      const partition = segmentPartition(jobId, { vertexId, subtask });
      for await (const { key, fields } of recordsOf(cloud.records, partition)) {
        const at = { kind: 'record', ...key } as const;
        const bytes = fields['bytes'] instanceof Uint8Array ? fields['bytes'].byteLength : 0;
        found.push({ name: segmentName({ at, checksum: '' }), at, bytes, what: { kind: 'segment', jobId, ...attemptOfSegment(key) } });
      }
    }
  }
  return found;
}

function verdictOn(
  { what }: Found,
  references: ReadonlyMap<string, JobReferences>,
  by: readonly string[] | undefined,
  now: number,
): Verdict {
  if (by !== undefined) return { kind: 'needed', by };
  if (what === undefined) return { kind: 'left', why: 'it has no name that Weir gives' };
  const of = references.get(what.jobId);
  if (of === undefined)
    return { kind: 'left', why: `no job ${what.jobId} is known here: it may be about to begin, or of another deployment` };
  if (what.kind === 'result') return { kind: 'needed', by: [`job ${what.jobId}, whose result it is`] };
  const unknown = of.unreadable.find(({ checkpoint }) => checkpoint >= what.checkpoint);
  if (unknown !== undefined)
    return { kind: 'left', why: `${unknown.title} may refer to it, but its metadata is gone; dispose of it first` };
  const { status, statusAt, latest, pending, effects } = of.record;
  if (pending?.attempt === what.attempt) return { kind: 'left', why: `attempt ${what.attempt} of job ${what.jobId} is at work on it` };
  const ended = isTerminal(status);
  if (ended && (effects !== undefined || now - statusAt < limits.garbageGraceMs)) {
    return { kind: 'left', why: `job ${what.jobId} has just ended` };
  }
  if (!ended && what.kind === 'stagedResult') return { kind: 'left', why: `job ${what.jobId} may be about to publish it` };
  if (!ended && what.attempt > latest.attempt) {
    return { kind: 'left', why: `job ${what.jobId} has completed no checkpoint since attempt ${what.attempt}` };
  }
  return { kind: 'garbage', why: whyGarbage(what, ended) };
}

function whyGarbage({ kind, jobId, checkpoint, attempt }: StateObject, ended: boolean): string {
  if (kind === 'stagedResult') return `job ${jobId} has ended without publishing it`;
  if (kind === 'exchange') return `it was on its way between subtasks in attempt ${attempt} of job ${jobId}, which is over`;
  return ended
    ? `job ${jobId} has ended, and nothing that was kept of it refers to it`
    : `attempt ${attempt} at checkpoint ${checkpoint} of job ${jobId} failed, or all that referred to it is retired`;
}
