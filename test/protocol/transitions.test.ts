// Catches: a commit that two drivers can make, an answer that a repeated call does not get again, a job revived for ever.
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import { type CompleteInput, completeCheckpoint } from '../../src/protocol/commit.ts';
import { clearEffects } from '../../src/protocol/effects-mark.ts';
import type { FailureCause } from '../../src/protocol/failure.ts';
import { defaultRestartStrategy, type JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import type { JobRequest } from '../../src/protocol/request.ts';
import { abortCheckpoint, beginCheckpoint, dueAt, handOver, park } from '../../src/protocol/transitions.ts';
import { committed, completionOf } from './completion.ts';

const interval = 1_000;
const checkpointNow = (id: string): JobRequest => ({ id, kind: 'checkpoint' });

function fresh(): JobRecord {
  const record = newJobRecord({ jobId: 'a'.repeat(32), name: 'job', submittedAt: 1 } as JobDescription);
  return { ...record, generation: 1 };
}

function begin(record: JobRecord, injectedBy = 'run-0', now = 10_000): { readonly record: JobRecord; readonly attempt: number } {
  const outcome = beginCheckpoint(record, {
    generation: record.generation,
    injectedBy,
    now,
    checkpointIntervalMs: interval,
    enumerated: [],
  });
  if (outcome.kind !== 'begin') throw new Error(`expected a beginning, got ${outcome.kind}`);
  return { record: outcome.record, attempt: outcome.pending.attempt };
}

const commit = (record: JobRecord, change: Partial<CompleteInput> = {}): JobRecord => committed(record, completionOf(record, change));

const lost: FailureCause = { code: 'SLOT_LOST', domain: 'external', message: 'gone' };
const poison: FailureCause = {
  code: 'USER_FUNCTION_FAILED',
  domain: 'program',
  message: 'boom',
  operator: 'mapper',
  position: 'a.json, byte 7',
};

const abort = (
  record: JobRecord,
  failure: FailureCause,
  now = 20_000,
  strategy: JobDescription['restartStrategy'] = defaultRestartStrategy,
) =>
  abortCheckpoint(record, { generation: record.generation, attempt: record.attempt, reason: { kind: 'failed', failure }, strategy, now });

describe('beginning a checkpoint', () => {
  test('gives out an attempt number that was never given out before', () => {
    const first = begin(fresh());
    const second = begin(first.record, 'run-1');
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
  });

  test('answers a repeated call with the same attempt and the same stamp', () => {
    const { record } = begin(fresh());
    const outcome = beginCheckpoint(record, {
      generation: 1,
      injectedBy: 'run-0',
      now: 99_999,
      checkpointIntervalMs: interval,
      enumerated: [],
    });
    expect(outcome).toEqual({ kind: 'again', pending: record.pending });
  });

  test('never lets the stamp fall, even when the clock does', () => {
    const first = begin(fresh(), 'run-0', 50_000);
    const second = begin(first.record, 'run-1', 10);
    expect(second.record.stamp).toBeGreaterThan(first.record.stamp);
  });

  test('is refused to an older generation', () => {
    expect(beginCheckpoint(fresh(), { generation: 0, injectedBy: 'x', now: 1, checkpointIntervalMs: interval, enumerated: [] }).kind).toBe(
      'fenced',
    );
  });

  test('waits for effects to be clear, even of a job that has ended', () => {
    const record = commit(begin(fresh()).record, { publish: true, ended: true });
    expect(beginCheckpoint(record, { generation: 1, injectedBy: 'x', now: 1, checkpointIntervalMs: interval, enumerated: [] }).kind).toBe(
      'effects',
    );
    const published = clearEffects(record, record.effects!)!;
    const clear = clearEffects(published, published.effects!);
    expect(
      clear && beginCheckpoint(clear, { generation: 1, injectedBy: 'x', now: 1, checkpointIntervalMs: interval, enumerated: [] }).kind,
    ).toBe('ended');
  });

  test('comes one interval after the epoch before where there is no backlog, and at once where there is', () => {
    const paced = commit(begin(fresh()).record, { nextDueAt: 10_500 });
    expect(dueAt(paced, interval)).toBe(11_000);
    expect(dueAt(commit(begin(fresh()).record, { backlog: true }), interval)).toBe(0);
    expect(dueAt({ ...paced, requests: [checkpointNow('a')] }, interval)).toBe(0);
  });
});

describe('completing a checkpoint', () => {
  test('commits the pending attempt once, and answers the same to whoever asks again', () => {
    const { record } = begin(fresh());
    const input = completionOf(record);
    const committed = commit(record);
    expect(committed.latest).toMatchObject({ checkpoint: 1, attempt: 1 });
    expect(completeCheckpoint(committed, input)).toEqual({ kind: 'committed' });
  });

  test('is refused to an attempt that was replaced, and to an older generation', () => {
    const first = begin(fresh());
    const second = begin(first.record, 'run-1');
    expect(completeCheckpoint(second.record, completionOf(first.record)).kind).toBe('fenced');
    const handed = handOver(first.record, { now: 1, lost: true }).record;
    expect(completeCheckpoint(handed, completionOf(first.record)).kind).toBe('fenced');
  });

  test('keeps requests that came after the barrier for the next one', () => {
    const asked: JobRecord = { ...fresh(), requests: [checkpointNow('first')] };
    const { record } = begin(asked);
    const committed = commit({ ...record, requests: [...record.requests, checkpointNow('second')] });
    expect(committed.requests).toEqual([checkpointNow('second')]);
  });
});

describe('aborting an attempt', () => {
  test('counts the failure and waits as the restart strategy says', () => {
    const outcome = abort(begin(fresh()).record, lost);
    expect(outcome.kind === 'abort' && outcome.record).toMatchObject({ status: 'RESTARTING', failures: 1, restartAt: 21_000 });
  });

  test('gives the repeated call the same answer', () => {
    const { record } = begin(fresh());
    const first = abort(record, lost);
    if (first.kind !== 'abort') throw new Error(first.kind);
    expect(abort(first.record, lost)).toEqual({ kind: 'aborted', restartAt: 21_000 });
  });

  test('finds that the attempt was committed after all', () => {
    const { record } = begin(fresh());
    expect(abort(commit(record), lost)).toEqual({ kind: 'committed' });
  });

  test('replays a fault of the program once, and fails the job when it shows again', () => {
    const first = abort(begin(fresh()).record, poison);
    if (first.kind !== 'abort') throw new Error(first.kind);
    expect(first.record).toMatchObject({ status: 'RESTARTING', restartAt: 0 });
    const second = abort(begin(first.record, 'run-1').record, poison);
    expect(second.kind === 'abort' && second.record).toMatchObject({ status: 'FAILED', cause: poison });
    expect(second.kind === 'abort' && second.record.pending).toBeUndefined();
  });

  test('fails the job at once under the strategy none, and after so many under fixed delay', () => {
    const none = abort(begin(fresh()).record, lost, 1, { kind: 'none' });
    expect(none.kind === 'abort' && none.record.status).toBe('FAILED');
    const fixed = { kind: 'fixed-delay', attempts: 2, delayMs: 50 } as const;
    let record = fresh();
    const statuses: string[] = [];
    for (let i = 0; i < 3; i++) {
      const outcome = abort(begin(record, `run-${i}`, 30_000 + i).record, lost, 30_000, fixed);
      if (outcome.kind !== 'abort') throw new Error(outcome.kind);
      record = { ...outcome.record, restartAt: 0 };
      statuses.push(record.status);
    }
    expect(statuses).toEqual(['RESTARTING', 'RESTARTING', 'FAILED']);
  });

  test('does not count lost memory as a failure, but stores the hand-over next time', () => {
    const { record } = begin(fresh());
    const outcome = abortCheckpoint(record, {
      generation: 1,
      attempt: 1,
      reason: { kind: 'handoverLost' },
      strategy: { kind: 'none' },
      now: 1,
    });
    expect(outcome.kind === 'abort' && outcome.record).toMatchObject({ status: 'RUNNING', failures: 0, storeHandover: true });
  });

  test('halves the batch after a failure for want of resources', () => {
    const outcome = abort(begin(fresh()).record, { ...lost, domain: 'resources' });
    expect(outcome.kind === 'abort' && outcome.record.batch.records).toBe(limits.batchRecordsInitial / 2);
  });
});

describe('drivers', () => {
  test('give up after too many generations without a checkpoint', () => {
    let record = begin(fresh()).record;
    for (let i = 0; i < limits.fruitlessGenerationsMax; i++) {
      const next = handOver(record, { now: 1, lost: true });
      expect(next.kind).toBe('handOver');
      record = begin(next.record, `generation-${i}`, 60_000 + i).record;
    }
    expect(handOver(record, { now: 1, lost: true })).toMatchObject({ kind: 'giveUp', record: { status: 'FAILED' } });
  });

  test('of a job that sleeps may be lost as often as they like', () => {
    let record = commit(begin(fresh()).record);
    for (let i = 0; i < 3 * limits.fruitlessGenerationsMax; i++)
      record = handOver({ ...record, wakeToken: `token-${i}` }, { now: 1, lost: true }).record;
    expect(record.status).toBe('RUNNING');
  });

  test('that are lost before they begin an attempt are not replaced for ever', () => {
    let record = commit(begin(fresh()).record);
    for (let i = 0; i < limits.fruitlessGenerationsMax; i++) record = handOver(record, { now: 1, lost: true }).record;
    expect(record.status).toBe('RUNNING');
    expect(handOver(record, { now: 1, lost: true })).toMatchObject({ kind: 'giveUp', record: { status: 'FAILED' } });
  });

  test('do not fall asleep on a request, on effects or on something due', () => {
    const idle = commit(begin(fresh()).record, { nextDueAt: 90_000 });
    const asleep = (record: JobRecord, now = 11_500) =>
      park(record, { generation: 1, token: 't', now, checkpointIntervalMs: interval }).kind;
    expect(asleep(idle)).toBe('park');
    expect(asleep({ ...idle, requests: [checkpointNow('a')] })).toBe('awake');
    expect(asleep(idle, 90_000)).toBe('awake');
    expect(asleep({ ...idle, generation: 2 })).toBe('fenced');
  });
});
