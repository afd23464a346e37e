import type { JobDetails, JobProgress } from '../../src/control-api/replies.ts';

export const subject = { jobId: 'a'.repeat(32), name: 'words' };

/** A job as the control API shows it, with what matters to a test. */
export function seen(progress: Partial<JobProgress>, change: Partial<JobDetails> = {}): JobDetails {
  const totals = { recordsIn: 0, recordsOut: 0, skipped: 0, checkpointsCompleted: 0, checkpointsFailed: 0, restarts: 0 };
  const weir: JobProgress = {
    checkpoint: 0,
    generation: 1,
    attempt: 0,
    slots: 1,
    programId: 'p',
    checkpointIntervalMs: 1_000,
    totals,
    batch: { records: 1, bytes: 1 },
    failures: 0,
    ...progress,
  };
  return {
    jid: subject.jobId,
    name: 'words',
    isStoppable: false,
    state: 'RUNNING',
    'job-type': 'STREAMING',
    'start-time': 0,
    'end-time': -1,
    duration: 9_000,
    maxParallelism: -1,
    now: 0,
    timestamps: {},
    vertices: [],
    'status-counts': {} as JobDetails['status-counts'],
    plan: { jid: subject.jobId, name: 'words', type: 'STREAMING', nodes: [] },
    weir,
    ...change,
  };
}
