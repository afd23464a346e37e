// Scripts read what flink list prints; weir list prints the same.
import { describe, expect, it } from 'vitest';
import { jobListing } from '../../src/cli/job-listing.ts';
import type { JobRow, JobStatus } from '../../src/control-api/replies.ts';

const start = new Date(2026, 10, 23, 16, 1, 10).getTime();

const job = (jid: string, state: JobStatus, startedAt = start): JobRow => ({
  jid: jid.repeat(32),
  name: 'cli-job',
  'start-time': startedAt,
  'end-time': -1,
  duration: 0,
  state,
  'last-modification': 0,
  tasks: { total: 1 },
});

const unfinished = { running: true, scheduled: true, terminated: false };

describe('weir list', () => {
  it('prints what flink list prints for one running job', () => {
    expect(jobListing([job('a', 'RUNNING')], unfinished)).toEqual([
      '------------------ Running/Restarting Jobs -------------------',
      `23.11.2026 16:01:10 : ${'a'.repeat(32)} : cli-job (RUNNING)`,
      '--------------------------------------------------------------',
      'No scheduled jobs.',
    ]);
  });

  it('says so where there are none, and is silent about ended ones', () => {
    expect(jobListing([], { ...unfinished, terminated: true })).toEqual(['No running jobs.', 'No scheduled jobs.']);
    expect(jobListing([job('a', 'FINISHED')], unfinished)).toEqual(['No running jobs.', 'No scheduled jobs.']);
  });

  it('puts jobs under their states, the oldest first', () => {
    const jobs = [
      job('e', 'FAILED', start + 4),
      job('d', 'FINISHED', start + 3),
      job('c', 'CREATED', start + 2),
      job('b', 'RESTARTING', start + 1),
      job('a', 'FAILING'),
    ];
    const lines = jobListing(jobs, { running: true, scheduled: true, terminated: true });
    expect(lines.map((line) => /: (.)\1{31} : .*\((.*)\)$/.exec(line)?.slice(1).join(' ') ?? line)).toEqual([
      '------------------ Running/Restarting Jobs -------------------',
      'a FAILING',
      'b RESTARTING',
      '--------------------------------------------------------------',
      '----------------------- Scheduled Jobs -----------------------',
      'c CREATED',
      '--------------------------------------------------------------',
      '---------------------- Terminated Jobs -----------------------',
      'd FINISHED',
      'e FAILED',
      '--------------------------------------------------------------',
    ]);
  });
});
