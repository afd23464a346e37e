import { messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import { type FailureCause, failureFrom } from '../protocol/failure.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { encodeManifest } from '../protocol/manifest-codec.ts';
import { objectUris } from '../protocol/names.ts';
import type { JobRequest, MetadataRef } from '../protocol/request.ts';

export interface WrittenSavepoint {
  readonly path: string;
  readonly metadata: MetadataRef;
}

export interface WrittenSavepoints {
  /** By the request's id. */
  readonly savepoints: ReadonlyMap<string, WrittenSavepoint>;
  readonly failed: ReadonlyMap<string, FailureCause>;
}

/** A store that is busy or failing is asked so often; what the store refuses is not asked for again. */
const triesMax = 3;
const pauseMs = 200;

/**
 * Writes the metadata of each savepoint that is asked for: the manifest under another name, which holds request and
 * attempt, so that a repeated call writes the same and another attempt writes elsewhere. Before the commit they are nothing.
 */
export async function writeSavepoints(cloud: Cloud, manifest: Manifest, requests: readonly JobRequest[]): Promise<WrittenSavepoints> {
  const savepoints = new Map<string, WrittenSavepoint>();
  const failed = new Map<string, FailureCause>();
  const asked = requests.filter((request) => request.kind !== 'checkpoint');
  if (asked.length === 0) return { savepoints, failed };
  const { bytes, checksum } = encodeManifest(manifest);
  await Promise.all(
    asked.map(async (request) => {
      const path = savepointPath(manifest, request);
      const uri = objectUris.metadata(path);
      const failure = await put(cloud, uri, bytes);
      if (failure === undefined) savepoints.set(request.id, { path, metadata: { uri, checksum } });
      else failed.set(request.id, failure);
    }),
  );
  return { savepoints, failed };
}

/** Best effort: what stays is an orphan that no record knows. */
export async function removeSavepoints(cloud: Cloud, savepoints: WrittenSavepoints['savepoints']): Promise<void> {
  const uris = [...savepoints.values()].map(({ metadata }) => metadata.uri);
  await Promise.allSettled(uris.map((uri) => cloud.objects.delete(uri)));
}

function savepointPath(manifest: Manifest, request: JobRequest): string {
  const directory = request.directory ?? '';
  return objectUris.savepoint(directory, manifest.jobId, `${request.id}/${manifest.attempt}`);
}

async function put(cloud: Cloud, uri: string, bytes: Uint8Array): Promise<FailureCause | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      await inTime(cloud, uri, cloud.objects.put(uri, bytes));
      return undefined;
    } catch (error) {
      const passing = WeirError.is(error) && (error.domain === 'external' || error.domain === 'resources');
      if (!passing || tries === triesMax) return failureOf(uri, error);
      await cloud.clock.sleep(pauseMs * tries);
    }
  }
}

/** A store that does not answer must not take the whole step with it. What is given up may still be written: then it is nothing. */
async function inTime(cloud: Cloud, uri: string, writing: Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = cloud.clock.sleep(limits.savepointWriteMsMax, done.signal).then(() => {
    throw new WeirError({
      code: 'SERVICE_FAILED',
      domain: 'external',
      message: `The store did not answer the write of ${uri} within ${limits.savepointWriteMsMax} ms.`,
    });
  });
  try {
    await Promise.race([writing, late]);
  } finally {
    done.abort();
    writing.catch(() => undefined);
    late.catch(() => undefined);
  }
}

function failureOf(uri: string, error: unknown): FailureCause {
  const { domain, advice } = failureFrom(error);
  return {
    code: 'SAVEPOINT_NOT_WRITTEN',
    domain,
    message: `The savepoint's metadata ${uri} could not be written: ${messageOf(error).slice(0, 800)}`,
    advice: advice ?? 'The job goes on. Check that the directory exists and may be written to, then ask for the savepoint again.',
  };
}
