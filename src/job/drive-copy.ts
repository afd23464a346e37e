import { messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { failedState } from '../checkpoint/answer-requests.ts';
import { OperationStore } from '../checkpoint/operation-store.ts';
import type { Cloud } from '../cloud/index.ts';
import { failureFrom } from '../protocol/failure.ts';
import { objectUris } from '../protocol/names.ts';
import type { OperationRecord, OperationState } from '../protocol/operation.ts';
import { copySnapshot } from '../savepoint/copy-snapshot.ts';
import { disposeSnapshot } from '../savepoint/dispose-snapshot.ts';
import { mayPass } from '../savepoint/may-pass.ts';
import { openSnapshot } from '../savepoint/open-snapshot.ts';
import { readSnapshot } from '../savepoint/snapshot-store.ts';

/**
 * Takes the canonical copy of a savepoint a step further: an operation that is `copying` goes on for at most so many
 * milliseconds, and completes once all is copied and the native savepoint, which was the source, is gone. Whoever polls
 * does this, and the sweep; several at once do the same. A copy that can't be made, or is not made in `limits.copyMsMax`,
 * completes with the path of the native savepoint, which can be restored from as well, and says why. Any other operation
 * is left as it is.
 */
export async function driveCopy(cloud: Cloud, operation: OperationRecord, budgetMs: number = limits.copyStepMs): Promise<OperationRecord> {
  const { asked, state, jobId } = operation;
  if (state.kind !== 'copying' || asked.kind === 'dispose' || jobId === undefined) return operation;
  const target = objectUris.savepoint(asked.directory ?? '', jobId, `${operation.id}/canonical`);
  const operations = new OperationStore(cloud);
  const complete = (next: OperationState) => operations.advance(operation, ['copying'], next);
  try {
    const copied = (await isThere(cloud, target)) || (await copyTo(cloud, state.from, target, cloud.clock.now() + budgetMs));
    if (!copied) return operation;
    await disposeOfSource(cloud, state.from);
    return await complete(completed(cloud, target));
  } catch (error) {
    const now = (await operations.read(jobId, operation.id)) ?? operation;
    if (now.state.kind !== 'copying') return now;
    if (mayPass(error) && cloud.clock.now() - operation.createdAt < limits.copyMsMax) return operation;
    // Somebody else has made the copy meanwhile, and taken its source away.
    if (await isThere(cloud, target)) return await complete(completed(cloud, target));
    const source = await readSnapshot(cloud, state.from);
    if (source?.state !== 'live') return await complete(failedState(failureFrom(error), cloud.clock.now()));
    return await complete(completed(cloud, state.from, `This is the native savepoint: its canonical copy failed. ${messageOf(error)}`));
  }
}

/** All canonical copies of a job that are on their way, for the sweep. */
export async function driveCopies(cloud: Cloud, jobId: string): Promise<void> {
  for (const operation of await new OperationStore(cloud).list(jobId)) await driveCopy(cloud, operation);
}

const isThere = async (cloud: Cloud, path: string): Promise<boolean> => (await readSnapshot(cloud, path))?.state === 'live';

async function copyTo(cloud: Cloud, from: string, target: string, until: number): Promise<boolean> {
  const snapshot = await openSnapshot(cloud, from, { verify: false });
  return (await copySnapshot(cloud, snapshot, target, { until })).kind === 'copied';
}

/** Nobody was told of it. Whoever found it nevertheless and restored from it keeps it. */
async function disposeOfSource(cloud: Cloud, from: string): Promise<void> {
  try {
    await disposeSnapshot(cloud, from);
  } catch (error) {
    if (!WeirError.is(error) || (error.code !== 'SAVEPOINT_DISPOSED' && error.code !== 'SAVEPOINT_IN_USE')) throw error;
  }
}

function completed(cloud: Cloud, path: string, note?: string): OperationState {
  return { kind: 'completed', at: cloud.clock.now(), result: { kind: 'savepoint', path, ...(note === undefined ? {} : { note }) } };
}
