// Catches: a request that is lost, answered twice or answered by the wrong epoch; a job that ends without answering; an
// effects mark that somebody clears without having seen all of it.
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import { addRequest } from '../../src/protocol/add-request.ts';
import { type CompleteInput, completeCheckpoint, standing, takeBackCheckpoint } from '../../src/protocol/commit.ts';
import { addToMark, clearEffects } from '../../src/protocol/effects-mark.ts';
import { cancelJob } from '../../src/protocol/end-job.ts';
import type { FailureCause } from '../../src/protocol/failure.ts';
import { defaultRestartStrategy, type JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import type { JobRequest } from '../../src/protocol/request.ts';
import { abortCheckpoint, beginCheckpoint, dueAt, handOver, park } from '../../src/protocol/transitions.ts';
import { committed, completionOf } from './completion.ts';

const description = { jobId: 'a'.repeat(32), name: 'job', submittedAt: 1 } as JobDescription;
const fresh = (): JobRecord => ({ ...newJobRecord(description), generation: 1 });
const restored = (foreign: boolean): JobRecord => ({
  ...newJobRecord(description, { checkpoint: 7, manifest: { uri: 's3://b/r', checksum: 'r' }, stamp: 70, publish: false, foreign }),
  generation: 1,
});

const request = (id: string, kind: JobRequest['kind'] = 'savepoint', more: Partial<JobRequest> = {}): JobRequest =>
  kind === 'checkpoint' ? { id, kind } : { id, kind, directory: 's3://b/s', format: 'native', ...more };
const drained = (id: string): JobRequest => request(id, 'stop', { drain: true });
const asked = (record: JobRecord, ...requests: readonly JobRequest[]): JobRecord => ({ ...record, requests });

let runs = 0;
function begin(record: JobRecord): JobRecord {
  const outcome = beginCheckpoint(record, {
    generation: record.generation,
    injectedBy: `run-${runs++}`,
    now: 10_000,
    checkpointIntervalMs: 1_000,
    enumerated: ['source'],
  });
  if (outcome.kind !== 'begin') throw new Error(`expected a beginning, got ${outcome.kind}`);
  return outcome.record;
}

const savepointsOf = (...ids: readonly string[]): CompleteInput['savepoints'] =>
  new Map(ids.map((id) => [id, { path: `s3://b/s/${id}`, metadata: { uri: `s3://b/s/${id}/_metadata`, checksum: 'c' } }]));

const completion = (record: JobRecord, change: Partial<CompleteInput> = {}): CompleteInput =>
  completionOf(record, { backlog: true, savepoints: savepointsOf(...(record.pending?.requests ?? [])), ...change });

const commit = (record: JobRecord, change: Partial<CompleteInput> = {}): JobRecord => committed(record, completion(record, change));

const answersOf = (record: JobRecord): readonly (readonly [string, string])[] =>
  (record.effects?.answers ?? []).map(({ request: { id }, outcome }) => [
    id,
    outcome.kind === 'failed' ? outcome.failure.code : outcome.kind,
  ]);

const denied: FailureCause = { code: 'SAVEPOINT_NOT_WRITTEN', domain: 'user', message: 'denied' };

function takeBack(record: JobRecord, ...ids: readonly string[]): JobRecord {
  const { checkpoint, attempt } = record.pending!;
  const outcome = takeBackCheckpoint(record, { generation: 1, checkpoint, attempt, failed: new Map(ids.map((id) => [id, denied])) });
  if (outcome.kind !== 'commit') throw new Error(outcome.kind);
  return outcome.record;
}

describe('adding a request', () => {
  test('puts it at the end of the queue', () => {
    const outcome = addRequest(asked(fresh(), request('a')), request('b', 'stop'));
    expect(outcome.kind === 'added' && outcome.record.requests.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('knows it again while it waits, and while its answer is on its way', () => {
    const waiting = asked(fresh(), request('a'));
    expect(addRequest(waiting, request('a')).kind).toBe('known');
    expect(addRequest(commit(begin(waiting)), request('a')).kind).toBe('known');
  });

  test('shares with one that asks for the same, and with no other', () => {
    const waiting = asked(fresh(), request('a'));
    expect(addRequest(waiting, request('b'))).toEqual({ kind: 'shared', with: 'a' });
    expect(addRequest(waiting, request('b', 'savepoint', { directory: 's3://b/other' })).kind).toBe('added');
    expect(addRequest(waiting, request('b', 'savepoint', { format: 'canonical' })).kind).toBe('added');
    expect(addRequest(waiting, request('b', 'stop')).kind).toBe('added');
    expect(addRequest(asked(fresh(), request('a', 'stop')), drained('b')).kind).toBe('added');
  });

  test('is refused when the queue is full', () => {
    const full = Array.from({ length: limits.pendingRequestsMax }, (_, i) => request(`${i}`, 'savepoint', { directory: `s3://b/${i}` }));
    expect(addRequest(asked(fresh(), ...full), request('x'))).toMatchObject({ kind: 'refused', failure: { code: 'REQUESTS_FULL' } });
  });

  test('is refused by a job that has ended', () => {
    const ended = commit(begin(fresh()), { ended: true });
    expect(addRequest(ended, request('a'))).toMatchObject({ kind: 'refused', failure: { code: 'JOB_ENDED' } });
  });

  test('makes the next epoch due at once, and keeps the driver awake', () => {
    const idle = commit(begin(fresh()), { nextDueAt: 90_000, backlog: false });
    const waiting = asked(idle, request('a'));
    expect([dueAt(idle, 1_000), dueAt(waiting, 1_000)]).toEqual([90_000, 0]);
    expect(park(waiting, { generation: 1, token: 't', now: 20_000, checkpointIntervalMs: 1_000 }).kind).toBe('awake');
  });
});

describe('an epoch', () => {
  const takenBy = (...requests: readonly JobRequest[]) => begin(asked(fresh(), ...requests)).pending!;

  test('answers all that waits, if one of them ends the job or none does', () => {
    expect(takenBy(request('a'), request('b', 'stop'), request('c', 'checkpoint')).requests).toEqual(['a', 'b', 'c']);
  });

  test('answers up to the first that would end the job in another way', () => {
    expect(takenBy(request('a'), request('b', 'stop'), request('c'), request('d', 'cancel'), request('e')).requests).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('drains for the head of the queue alone, and enumerates nothing then', () => {
    expect(takenBy(request('a'), drained('b'))).toMatchObject({ requests: ['a'], enumerated: ['source'] });
    const draining = takenBy(drained('b'), request('a'));
    expect(draining).toMatchObject({ requests: ['b'], drain: true, enumerated: [] });
  });

  test('does not drain while the job refers to segments that are not its own', () => {
    const { pending } = begin(asked(restored(true), drained('a')));
    expect(pending).toMatchObject({ requests: [], enumerated: ['source'] });
    expect(pending?.drain).toBeUndefined();
  });
});

describe('a commit', () => {
  test('answers a savepoint, pins up to its checkpoint and lets the job go on', () => {
    const record = commit(begin(asked(fresh(), request('a'), request('b', 'checkpoint'))));
    expect(answersOf(record)).toEqual([
      ['a', 'savepoint'],
      ['b', 'checkpoint'],
    ]);
    expect(record).toMatchObject({ status: 'RUNNING', requests: [], pinnedUpTo: 1, effects: { checkpoint: 1, attempt: 1 } });
  });

  test.each([
    ['cancel', 'CANCELED'],
    ['stop', 'FINISHED'],
  ] as const)('that answers %s ends the job %s, and fails what came later', (kind, status) => {
    const pending = begin(asked(fresh(), request('a', kind)));
    const record = commit({ ...pending, requests: [...pending.requests, request('late', 'cancel', { directory: 's3://b/other' })] });
    expect(record).toMatchObject({ status, requests: [], effects: { ended: true } });
    expect(answersOf(record)).toEqual([
      ['a', 'savepoint'],
      ['late', 'JOB_ENDED'],
    ]);
  });

  test('at the end of all input answers what it was asked for, and fails what came later', () => {
    const pending = begin(asked(fresh(), request('a')));
    const record = commit({ ...pending, requests: [...pending.requests, request('late', 'stop')] }, { ended: true });
    expect(record.status).toBe('FINISHED');
    expect(answersOf(record)).toEqual([
      ['a', 'savepoint'],
      ['late', 'JOB_ENDED'],
    ]);
  });

  test('leaves savepoints in the queue while its manifest is not all the job’s own, and answers the rest', () => {
    const pending = begin(asked(restored(true), request('a', 'stop'), request('b', 'checkpoint')));
    const record = commit(pending, { foreign: true, savepoints: new Map() });
    expect(record).toMatchObject({ status: 'RUNNING', foreign: true, claims: true, pinnedUpTo: 0, requests: [{ id: 'a' }] });
    expect(answersOf(record)).toEqual([['b', 'checkpoint']]);
  });

  test('that is all the job’s own again releases the claim on what it was restored from, once', () => {
    const record = commit(begin(restored(true)));
    expect(record.effects?.releaseClaim).toBe(true);
    expect([record.foreign, record.claims]).toEqual([undefined, undefined]);
    expect(commit(begin(clearEffects(record, record.effects!)!)).effects).toBeUndefined();
  });

  test('with nothing to tell leaves no mark', () => {
    expect(commit(begin(fresh())).effects).toBeUndefined();
  });

  test('keeps as many checkpoints as the policy says, and none that a restore brought', () => {
    let record = restored(false);
    record = { ...commit(begin(record), { kept: 3 }) };
    const kept: number[][] = [];
    for (let i = 0; i < 4; i++) {
      const { effects: _effects, ...rest } = record;
      record = commit(begin(rest), { kept: 3 });
      kept.push([...record.retained, record.latest].map(({ checkpoint }) => checkpoint));
    }
    expect(kept).toEqual([
      [8, 9],
      [8, 9, 10],
      [9, 10, 11],
      [10, 11, 12],
    ]);
  });
});

describe('a commit that is foreign still', () => {
  test('is not kept beside the next ones, which give the claim back', () => {
    const foreign = commit(begin(restored(true)), { kept: 3, foreign: true });
    const own = commit(begin(foreign), { kept: 3 });
    expect(own.effects?.releaseClaim).toBe(true);
    expect(own.retained).toEqual([]);
  });

  test('is followed by the next after an interval although nothing comes in, until nothing foreign is left', () => {
    const idle = { nextDueAt: 900_000, backlog: false };
    const foreign = commit(begin(restored(true)), { ...idle, foreign: true });
    expect(dueAt(foreign, 1_000)).toBe(foreign.latestStamp + 1_000);
    const { foreign: _rewritten, ...own } = foreign;
    expect(dueAt(own, 1_000)).toBe(900_000);
  });
});

describe('a savepoint that can’t be written', () => {
  test('takes the attempt back: only its request fails, and no failure is counted', () => {
    const record = takeBack(begin(asked(fresh(), request('a'), request('b', 'stop'))), 'a');
    expect(answersOf(record)).toEqual([['a', 'SAVEPOINT_NOT_WRITTEN']]);
    expect(record).toMatchObject({ status: 'RUNNING', failures: 0, requests: [{ id: 'b' }], latest: { checkpoint: 0 } });
    expect(record.pending).toBeUndefined();
  });

  test('gives a repeated call the same answer, and no commit after it', () => {
    const pending = begin(asked(fresh(), request('a')));
    const record = takeBack(pending, 'a');
    expect(completeCheckpoint(record, completion(pending)).kind).toBe('takenBack');
    expect(standing(record, { generation: 1, checkpoint: 1, attempt: 1 })).toBe('takenBack');
    expect(standing(record, { generation: 2, checkpoint: 1, attempt: 1 })).toBe('fenced');
  });

  test('of the longest name, and all at once, makes no record that can’t be stored, whatever waits and ends behind it', () => {
    const directory = `s3://${'b'.repeat(limits.savepointDirectoryBytesMax - 5)}`;
    const sixteen = (letter: string) =>
      Array.from({ length: limits.pendingRequestsMax }, (_, index) =>
        request(`${letter}${index}`.padEnd(32, '0'), 'savepoint', { directory }),
      );
    const pending = begin(asked(fresh(), ...sixteen('a')));
    const { checkpoint, attempt, requests } = { ...pending.pending!, requests: pending.requests };
    const failure = { ...denied, message: `${directory} ${'m'.repeat(900)}`, advice: 'a'.repeat(512) };
    const failed = new Map(requests.map(({ id }) => [id, failure]));
    const outcome = takeBackCheckpoint(pending, { generation: 1, checkpoint, attempt, failed });
    if (outcome.kind !== 'commit') throw new Error(outcome.kind);
    const ended = cancelJob(asked(outcome.record, ...sixteen('b')), 12_000);
    if (ended.kind !== 'cancel') throw new Error(ended.kind);
    expect(ended.record.effects?.answers).toHaveLength(2 * limits.pendingRequestsMax);
    expect(Buffer.byteLength(JSON.stringify(ended.record))).toBeLessThan(limits.recordBytesMax / 2);
  });

  test('is no word for an attempt before the last commit of a job that has ended: it may have been committed', () => {
    const first = commit(begin(fresh()));
    const second = begin(first);
    const ended = cancelJob(second, 12_000);
    if (ended.kind !== 'cancel') throw new Error(ended.kind);
    const stands = (checkpoint: number) => standing(ended.record, { generation: 1, checkpoint, attempt: checkpoint });
    expect([stands(1), stands(2)]).toEqual(['committed', 'takenBack']);
    const third = cancelJob(begin(commit(second)), 12_000);
    if (third.kind !== 'cancel') throw new Error(third.kind);
    expect(standing(third.record, { generation: 1, checkpoint: 1, attempt: 1 })).toBe('fenced');
  });

  test('lets the next attempt begin once its failure was told', () => {
    const record = takeBack(begin(asked(fresh(), request('a'))), 'a');
    const next = begin(clearEffects(record, record.effects!)!);
    expect(next.pending).toMatchObject({ checkpoint: 1, attempt: 2, requests: [] });
  });
});

describe('cancelling', () => {
  const cancel = (record: JobRecord) => cancelJob(record, 12_000);

  test('ends the job at once, takes the pending attempt back and fails what waits', () => {
    const pending = begin(asked(fresh(), request('a')));
    const outcome = cancel(pending);
    if (outcome.kind !== 'cancel') throw new Error(outcome.kind);
    expect(outcome.record).toMatchObject({ status: 'CANCELED', statusAt: 12_000, requests: [], effects: { ended: true, publish: false } });
    expect(answersOf(outcome.record)).toEqual([['a', 'JOB_ENDED']]);
    expect(completeCheckpoint(outcome.record, completion(pending)).kind).toBe('takenBack');
    expect(beginCheckpoint(outcome.record, { generation: 1, injectedBy: 'x', now: 1, checkpointIntervalMs: 1, enumerated: [] }).kind).toBe(
      'effects',
    );
  });

  test('adds to what a commit left to do, under a sequence that its doers have not seen', () => {
    const committed = commit(begin(asked(fresh(), request('a'))), { publish: true });
    const outcome = cancel(committed);
    if (outcome.kind !== 'cancel') throw new Error(outcome.kind);
    expect(outcome.record.effects).toMatchObject({ publish: true, ended: true, checkpoint: 1 });
    expect(answersOf(outcome.record)).toEqual([['a', 'savepoint']]);
    expect(clearEffects(outcome.record, committed.effects!)).toBeUndefined();
  });

  test('comes once, and too late after the end', () => {
    const canceled = cancel(fresh());
    expect(canceled.kind === 'cancel' && cancel(canceled.record).kind).toBe('alreadyCanceled');
    expect(cancel(commit(begin(fresh()), { ended: true })).kind).toBe('ended');
  });
});

describe('a job that fails', () => {
  test('answers what waits, whether an attempt or its last driver was the end of it', () => {
    const pending = begin(asked(fresh(), request('a')));
    const failure: FailureCause = { code: 'SLOT_LOST', domain: 'external', message: 'gone' };
    const aborted = abortCheckpoint(pending, {
      generation: 1,
      attempt: 1,
      reason: { kind: 'failed', failure },
      strategy: { kind: 'none' },
      now: 1,
    });
    if (aborted.kind !== 'abort') throw new Error(aborted.kind);
    expect(answersOf(aborted.record)).toEqual([['a', 'JOB_ENDED']]);
    const given = handOver({ ...pending, fruitlessGenerations: limits.fruitlessGenerationsMax }, { now: 1, lost: true });
    expect(given).toMatchObject({ kind: 'giveUp', record: { status: 'FAILED', generation: 2 } });
    expect(answersOf(given.record)).toEqual([['a', 'JOB_ENDED']]);
  });

  test('keeps what waits as long as it restarts', () => {
    const pending = begin(asked(fresh(), request('a')));
    const failure: FailureCause = { code: 'SLOT_LOST', domain: 'external', message: 'gone' };
    const aborted = abortCheckpoint(pending, {
      generation: 1,
      attempt: 1,
      reason: { kind: 'failed', failure },
      strategy: defaultRestartStrategy,
      now: 1,
    });
    expect(aborted.kind === 'abort' && aborted.record).toMatchObject({ status: 'RESTARTING', requests: [{ id: 'a' }] });
  });
});

describe('the effects mark', () => {
  test('is cleared by whoever has seen this very one', () => {
    const first = addToMark(fresh(), { publish: true });
    const cleared = clearEffects(first, first.effects!)!;
    const second = addToMark(cleared, { publish: true });
    expect(clearEffects(second, first.effects!)).toBeUndefined();
    expect(clearEffects(second, second.effects!)?.effects).toBeUndefined();
  });

  test('leaves the checkpoints of an ended job to a mark of its own, after all that reads them', () => {
    const ended = commit(begin(fresh()), { ended: true, publish: true });
    const published = clearEffects(ended, ended.effects!)!;
    expect(published.effects).toMatchObject({ ended: true, publish: false, answers: [] });
    expect(clearEffects(published, ended.effects!)).toBeUndefined();
    expect(clearEffects(published, published.effects!)?.effects).toBeUndefined();
  });
});

describe('a restored job', () => {
  test('begins at the snapshot’s checkpoint, and with its effects where nobody is known to have carried them out', () => {
    const manifest = { uri: 's3://b/r', checksum: 'r' };
    const record = newJobRecord(description, { checkpoint: 7, manifest, stamp: 70, publish: true, foreign: true });
    expect(record).toMatchObject({
      latest: { checkpoint: 7, attempt: 0, manifest },
      stamp: 70,
      foreign: true,
      claims: true,
      effects: { checkpoint: 7, attempt: 0, publish: true, answers: [] },
    });
    const cleared = clearEffects({ ...record, generation: 1 }, record.effects!)!;
    expect(begin(cleared).pending).toMatchObject({ checkpoint: 8, attempt: 1 });
    expect(begin(cleared).stamp).toBeGreaterThan(70);
  });
});
