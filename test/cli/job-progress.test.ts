import { describe, expect, it } from 'vitest';
import { progressBetween, progressLine } from '../../src/cli/job-progress.ts';
import type { JobDetails } from '../../src/control-api/replies.ts';
import { seen, subject } from './seen-job.ts';

const afterCheckpoint = (checkpoint: number, completedAt: number, recordsIn: number, restarts = 0): JobDetails =>
  seen({
    checkpoint,
    statistics: {
      completedAt,
      durationMs: 45,
      recordsIn: 1,
      recordsOut: 0,
      skipped: 0,
      checkpointBytes: 1_536,
      stateBytes: 40_000,
      stateEntries: 305,
    },
    totals: { recordsIn, recordsOut: 3, skipped: 0, checkpointsCompleted: checkpoint, checkpointsFailed: 0, restarts },
  });

const linesBetween = (before: JobDetails | undefined, now: JobDetails) =>
  progressBetween(before, now).map((event) => progressLine(event, subject));

describe("a job's progress", () => {
  it('is one line per checkpoint, with the rate since the one before', () => {
    expect(linesBetween(undefined, afterCheckpoint(1, 1_000, 1_000))).toEqual([
      'epoch 1 | 1,000 records in | checkpoint 45 ms, 1.5 KiB | state 39.1 KiB in 305 entries',
    ]);
    expect(linesBetween(afterCheckpoint(1, 1_000, 1_000), afterCheckpoint(3, 3_000, 5_000))).toEqual([
      'epoch 3 | 5,000 records in, 2,000/s | checkpoint 45 ms, 1.5 KiB | state 39.1 KiB in 305 entries',
    ]);
  });

  it('is nothing while nothing happens', () => {
    expect(progressBetween(undefined, seen({}))).toEqual([]);
    expect(progressBetween(afterCheckpoint(1, 1_000, 5), afterCheckpoint(1, 1_000, 5))).toEqual([]);
  });

  it('tells of failures and of drivers that take over', () => {
    const before = afterCheckpoint(2, 1_000, 10);
    const cause = { code: 'USER_CODE', domain: 'program' as const, message: 'It broke.' };
    const failed = seen({ ...before.weir, totals: { ...before.weir.totals, restarts: 1 }, cause });
    expect(linesBetween(before, failed)).toEqual(['failed after checkpoint 2, going on from it: It broke.']);
    expect(linesBetween(before, seen({ ...before.weir, generation: 2 }))).toEqual(['driver 2 takes over after checkpoint 2']);
  });

  it('ends with what became of the job', () => {
    const last = afterCheckpoint(9, 9_000, 20_000, 1);
    const finished = { ...last, state: 'FINISHED' as const, 'end-time': 9_000 };
    expect(linesBetween(last, finished)).toEqual([
      `Job words (${subject.jobId}) is FINISHED after 9.0 s: 20,000 records in, 3 out, 9 checkpoints, 1 restart.`,
    ]);
  });
});
