import { type CompleteInput, completeCheckpoint } from '../../src/protocol/commit.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';

/** What Complete says of the record's pending attempt: whole, with nothing special about it. */
export const completionOf = (record: JobRecord, change: Partial<CompleteInput> = {}): CompleteInput => ({
  generation: record.generation,
  checkpoint: record.pending?.checkpoint ?? 0,
  attempt: record.pending?.attempt ?? 0,
  manifest: { uri: 's3://b/m', checksum: 'c' },
  statistics: {
    completedAt: 11_000,
    durationMs: 100,
    recordsIn: 5,
    recordsOut: 2,
    skipped: 0,
    checkpointBytes: 10,
    stateBytes: 10,
    stateEntries: 1,
  },
  accumulated: false,
  publish: false,
  ended: false,
  foreign: false,
  savepoints: new Map(),
  kept: 1,
  batch: record.batch,
  backlog: false,
  nextDueAt: undefined,
  enumeratorsDueAt: undefined,
  emptyEpochs: 0,
  ...change,
});

/** The record after a commit; anything else throws. */
export function committed(record: JobRecord, completion: CompleteInput): JobRecord {
  const outcome = completeCheckpoint(record, completion);
  if (outcome.kind !== 'commit') throw new Error(`expected a commit, got ${outcome.kind}`);
  return outcome.record;
}
