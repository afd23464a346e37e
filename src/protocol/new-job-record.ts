import { limits } from '../base/limits.ts';
import type { CheckpointRef } from './command.ts';
import { addToMark } from './effects-mark.ts';
import type { JobDescription } from './job-description.ts';
import { type JobRecord, protocolVersion } from './job-record.ts';

/** The beginning of a job that was restored: its restore manifest stands as checkpoint n, attempt 0. */
export interface RestoredStart {
  readonly checkpoint: number;
  readonly manifest: NonNullable<CheckpointRef['manifest']>;
  /** Of the snapshot: the job's stamps are higher. */
  readonly stamp: number;
  /** The manifest lists committables that nobody is known to have published: the job begins with that. */
  readonly publish: boolean;
  /** The manifest refers to segments that are not the job's own. */
  readonly foreign: boolean;
}

/** The record of a job that was just described: nothing has run, checkpoint 0 is the empty beginning. */
export function newJobRecord(description: Pick<JobDescription, 'jobId' | 'name' | 'submittedAt'>, restored?: RestoredStart): JobRecord {
  const fresh: JobRecord = {
    protocolVersion,
    jobId: description.jobId,
    name: description.name,
    status: 'CREATED',
    submittedAt: description.submittedAt,
    statusAt: description.submittedAt,
    generation: 0,
    attempt: 0,
    stamp: 0,
    latest: { checkpoint: 0, attempt: 0 },
    latestStamp: 0,
    totals: { recordsIn: 0, recordsOut: 0, skipped: 0, checkpointsCompleted: 0, checkpointsFailed: 0, restarts: 0 },
    retained: [],
    pinnedUpTo: 0,
    effectsSequence: 0,
    batch: { records: limits.batchRecordsInitial, bytes: limits.batchBytesInitial },
    backlog: true,
    enumeratorsDueAt: 0,
    emptyEpochs: 0,
    failures: 0,
    failedAt: 0,
    restartAt: 0,
    storeHandover: false,
    fruitlessGenerations: 0,
    requests: [],
  };
  if (restored === undefined) return fresh;
  const { checkpoint, manifest, stamp, publish, foreign } = restored;
  const begun: JobRecord = {
    ...fresh,
    stamp,
    latest: { checkpoint, attempt: 0, manifest },
    latestStamp: stamp,
    ...(foreign ? { foreign } : {}),
    claims: true,
  };
  return publish ? addToMark(begun, { publish: true }) : begun;
}

/**
 * The record of a job that is never to begin: it stands where the job's own would be put if absent, so that a submission
 * that was lost on its way and comes late finds it ended.
 */
export const voidJobRecord = (jobId: string, name: string, now: number): JobRecord => ({
  ...newJobRecord({ jobId, name, submittedAt: now }),
  status: 'CANCELED',
});
