import { limits } from '../base/limits.ts';
import type { JobDescription } from './job-description.ts';
import { type JobRecord, protocolVersion } from './job-record.ts';

/** The record of a job that was just described: nothing has run, checkpoint 0 is the empty beginning. */
export function newJobRecord(description: JobDescription): JobRecord {
  return {
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
}
