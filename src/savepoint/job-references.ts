import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import { isAlive, type JobRecord } from '../protocol/job-record.ts';
import { decodeManifest } from '../protocol/manifest-codec.ts';
import { storedSegments } from '../protocol/manifest-segments.ts';
import { jobRecordOf } from './job-of-snapshot.ts';
import { resolveReferences } from './open-snapshot.ts';
import { titleOf } from './snapshot-errors.ts';
import { directoryOf } from './snapshot-path.ts';
import { snapshotsOfJob } from './snapshot-store.ts';

export interface JobReferences {
  readonly record: JobRecord;
  /** All that the job's checkpoints and snapshots refer to, foreign segments included: by name, what refers to it. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Snapshots whose metadata is gone: whatever they may refer to is not known. */
  readonly unreadable: readonly { readonly checkpoint: number; readonly title: string }[];
}

interface Document {
  readonly uri: string;
  readonly title: string;
  readonly checkpoint: number;
  readonly ofJob: boolean;
}

const triesMax = 5;

/**
 * What a job and its snapshots refer to, as of one moment after the call began. A snapshot that is being deleted still
 * counts: whoever deletes it goes on with that. Nothing if there is no such job.
 */
export async function referencesOf(cloud: Pick<Cloud, 'records' | 'objects'>, jobId: string): Promise<JobReferences | undefined> {
  for (let tries = 1; ; tries++) {
    const record = await jobRecordOf(cloud, jobId);
    if (record === undefined) return undefined;
    const names = new Map<string, string[]>();
    const add = (name: string, by: string) => names.set(name, [...(names.get(name) ?? []), by]);
    const gone: Document[] = [];
    for (const document of await documentsOf(cloud, record)) {
      const { uri, title } = document;
      add(uri, title);
      const bytes = await cloud.objects.get(uri);
      if (bytes === undefined) gone.push(document);
      else for (const name of storedSegments(resolveReferences(decodeManifest(bytes), directoryOf(uri))).keys()) add(name, title);
    }
    if (gone.length === 0) return { record, names, unreadable: [] };
    // A job may retire, and a disposal delete, what was just to be read: the next look tells what took its place.
    if (tries < triesMax) continue;
    const lost = gone.find(({ ofJob }) => ofJob);
    if (lost !== undefined) throw lostManifest(jobId, lost);
    return { record, names, unreadable: gone };
  }
}

async function documentsOf(cloud: Pick<Cloud, 'records' | 'objects'>, record: JobRecord): Promise<readonly Document[]> {
  const { jobId } = record;
  const checkpoints = isAlive(record) ? [...record.retained, record.latest] : [];
  const documents: Document[] = checkpoints.flatMap(({ checkpoint, manifest }) =>
    manifest === undefined ? [] : [{ uri: manifest.uri, title: `checkpoint ${checkpoint} of job ${jobId}`, checkpoint, ofJob: true }],
  );
  for (const { path, metadata, state, checkpoint } of await snapshotsOfJob(cloud, jobId)) {
    const title = titleOf(path);
    const of = { uri: metadata.uri, checkpoint, ofJob: false };
    if (state === 'live') documents.push({ ...of, title });
    // Its metadata may be gone already; as long as it is there, it says what goes next.
    else if ((await cloud.objects.head(metadata.uri)) !== undefined) documents.push({ ...of, title: `${title}, being deleted,` });
  }
  return documents;
}

function lostManifest(jobId: string, { uri, title }: Document): WeirError {
  return new WeirError({
    code: 'MANIFEST_MISSING',
    domain: 'external',
    message: `The metadata ${uri} of ${title} does not exist, although it was looked for ${triesMax} times.`,
    advice: 'Was it deleted by hand? Restore the job from a savepoint.',
    subject: { jobId },
  });
}
