import type { JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { AbortReason } from '../protocol/transitions.ts';

/** Is told what became of attempts: for logs and metrics. A call that is done twice may tell twice. Must not throw. */
export interface JobObserver {
  /** `record` as it was committed. */
  committed(record: JobRecord, manifest: Manifest): void;
  /** `record` as it was written when the attempt was taken back; of an attempt that nobody answers for, `reason` says whose loss it was. */
  aborted(record: JobRecord, reason: AbortReason): void;
}
