import { limits } from '../base/limits.ts';
import type { Cloud } from '../cloud/index.ts';
import type { SegmentRef } from '../protocol/segment-ref.ts';

/** Deletes segments, several at once. What is gone already is no error; after any other error it may be called again. */
export async function deleteSegments(cloud: Pick<Cloud, 'records' | 'objects'>, refs: readonly Pick<SegmentRef, 'at'>[]): Promise<void> {
  for (let from = 0; from < refs.length; from += limits.storeCallsAtOnceMax) {
    await allDone(refs.slice(from, from + limits.storeCallsAtOnceMax).map((ref) => deleteSegment(cloud, ref)));
  }
}

async function deleteSegment(cloud: Pick<Cloud, 'records' | 'objects'>, { at }: Pick<SegmentRef, 'at'>): Promise<void> {
  if (at.kind === 'object') await cloud.objects.delete(at.uri);
  if (at.kind === 'record') await cloud.records.delete({ partition: at.partition, sort: at.sort });
}

/** What all of them gave. Fails with the first failure, but only when nothing is under way any more. */
export async function allDone<T>(calls: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
