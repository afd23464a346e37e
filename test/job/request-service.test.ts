// Catches: a repeated trigger that asks twice, a result asked for again after it was given, callers who wait for ever.
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/base/limits.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import { RequestService, type RequestServiceOptions } from '../../src/job/request-service.ts';
import type { JobDescription } from '../../src/protocol/job-description.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import { newJobRecord } from '../../src/protocol/new-job-record.ts';
import type { OperationRecord, OperationState } from '../../src/protocol/operation.ts';
import { type MemoryCloud, memoryCloud } from '../runtime/memory-cloud.ts';

const jobId = 'a'.repeat(32);
const id = 'b'.repeat(32);
const inBucket: RequestServiceOptions = { savepointDirectory: 's3://bucket/savepoints' };

/** A running job that nobody drives: what is put into its record stays there. */
class Job {
  readonly cloud: MemoryCloud = memoryCloud();
  readonly requests: RequestService;

  constructor(options: RequestServiceOptions = inBucket) {
    this.requests = new RequestService(this.cloud, options);
  }

  async submit(description: Partial<JobDescription> = {}): Promise<this> {
    const whole = { jobId, name: 'job', submittedAt: 1, ...description } as JobDescription;
    await this.#put(recordKeys.jobDescription(jobId), whole);
    await this.become({ ...newJobRecord(whole), status: 'RUNNING', generation: 1 });
    return this;
  }

  async record(): Promise<JobRecord> {
    return (await this.cloud.records.get(recordKeys.job(jobId)))!.fields as unknown as JobRecord;
  }

  async become(change: Partial<JobRecord>): Promise<void> {
    const stored = await this.cloud.records.get(recordKeys.job(jobId));
    await this.#put(recordKeys.job(jobId), { ...stored?.fields, ...change });
  }

  async replace(record: JobRecord): Promise<void> {
    await this.#put(recordKeys.job(jobId), record);
  }

  async complete(operationId: string, state: OperationState): Promise<void> {
    const key = recordKeys.operation(jobId, operationId);
    const stored = await this.cloud.records.get(key);
    await this.#put(key, { ...stored?.fields, state });
  }

  async #put(key: ReturnType<typeof recordKeys.job>, fields: object): Promise<void> {
    await this.cloud.records.put(key, fields as RecordFields, { kind: 'always' });
  }
}

const savepoint = { jobId, kind: 'savepoint' } as const;
const done: OperationState = { kind: 'completed', at: 1, result: { kind: 'savepoint', path: 's3://bucket/savepoints/one' } };
const failureOf = ({ state }: OperationRecord) =>
  state.kind === 'completed' && state.result.kind === 'failed' ? state.result.failure.code : state;

describe('triggering', () => {
  it('puts the request into the job record, and its operation where anybody can ask for it', async () => {
    const job = await new Job().submit();
    const { id: given } = await job.requests.trigger(savepoint);
    expect((await job.record()).requests).toEqual([
      { id: given, kind: 'savepoint', directory: 's3://bucket/savepoints', format: 'native' },
    ]);
    expect((await job.requests.operation(jobId, given)).state).toEqual({ kind: 'pending' });
  });

  it('again under the same id asks nothing more, not even after the answer', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    await job.requests.trigger({ ...savepoint, id });
    expect((await job.record()).requests).toHaveLength(1);
    await job.become({ requests: [] });
    await job.complete(id, done);
    await job.requests.trigger({ ...savepoint, id });
    expect((await job.record()).requests).toEqual([]);
    expect((await job.requests.operation(jobId, id)).state).toEqual(done);
  });

  it('the same shares the result of the first', async () => {
    const job = await new Job().submit();
    const first = await job.requests.trigger(savepoint);
    const second = await job.requests.trigger(savepoint);
    await job.become({ requests: [] });
    await job.complete(first.id, done);
    expect(await job.requests.operation(jobId, second.id)).toMatchObject({ id: second.id, state: done });
  });

  it('fails in the operation where there is no such job, or it has ended, or its queue is full', async () => {
    const unknown = new Job();
    await unknown.requests.trigger({ ...savepoint, id });
    expect(failureOf(await unknown.requests.operation(jobId, id))).toBe('JOB_NOT_FOUND');
    const ended = await new Job().submit();
    await ended.become({ status: 'FINISHED' });
    await ended.requests.trigger({ ...savepoint, id });
    expect(failureOf(await ended.requests.operation(jobId, id))).toBe('JOB_ENDED');
    const busy = await new Job().submit();
    for (let i = 0; i < 16; i++) await busy.requests.trigger({ ...savepoint, directory: `s3://bucket/${i}` });
    await busy.requests.trigger({ ...savepoint, id });
    expect(failureOf(await busy.requests.operation(jobId, id))).toBe('REQUESTS_FULL');
  });

  it('refuses an id that is none, before anything is touched', async () => {
    const job = await new Job().submit();
    await expect(job.requests.trigger({ ...savepoint, id: 'mine' })).rejects.toMatchObject({ code: 'INVALID_OPERATION_ID' });
    expect((await job.record()).requests).toEqual([]);
  });
});

describe('the directory of a savepoint', () => {
  it.each<[string, string | undefined, string | undefined, RequestServiceOptions, string]>([
    ['the request', 's3://asked/', 's3://of-job', inBucket, 's3://asked'],
    ['the job', undefined, 's3://of-job/savepoints', inBucket, 's3://of-job/savepoints'],
    ['the configuration', undefined, undefined, inBucket, 's3://bucket/savepoints'],
    ["a path of this machine as Flink's client prints it", 'file:/data/savepoints', undefined, { local: true }, 'file:///data/savepoints'],
    ['a path of this machine', '/data/my savepoints/', undefined, { local: true }, 'file:///data/my%20savepoints'],
    ['a file URI', 'file:///data/savepoints//', undefined, {}, 'file:///data/savepoints'],
    ['a file URI in another spelling', 'file:///data//my savepoints/./x/..', undefined, {}, 'file:///data/my%20savepoints'],
    ['a key of S3, as it stands', 's3://bucket/my savepoints//%20/.', undefined, {}, 's3://bucket/my savepoints//%20/.'],
  ])('is that of %s', async (_whose, directory, ofJob, options, expected) => {
    const job = await new Job(options).submit(ofJob === undefined ? {} : { savepointDirectory: ofJob });
    await job.requests.trigger({ ...savepoint, ...(directory === undefined ? {} : { directory }) });
    expect((await job.record()).requests[0]?.directory).toBe(expected);
  });

  it('is asked for by the name of the key and of the parameters, where there is none, and nothing is touched', async () => {
    const job = await new Job({}).submit();
    const refused = job.requests.trigger(savepoint);
    await expect(refused).rejects.toMatchObject({ code: 'SAVEPOINT_DIRECTORY_MISSING', domain: 'user' });
    await expect(refused).rejects.toThrow(/target-directory.*targetDirectory.*state\.savepoints\.dir/);
    expect((await job.record()).requests).toEqual([]);
    expect(await job.requests.operations(jobId)).toEqual([]);
  });

  it.each([
    ['savepoints', {}],
    ['/data/savepoints', {}],
    ['savepoints', { local: true }],
    ['gs://bucket/savepoints', {}],
    ['s3://', {}],
    ['file:///', {}],
    ['file:///data/100%', {}],
    [`s3://bucket/${'d'.repeat(900)}`, {}],
  ])('%s is refused under %j', async (directory, options) => {
    const job = await new Job(options).submit();
    await expect(job.requests.trigger({ ...savepoint, directory })).rejects.toMatchObject({ code: 'SAVEPOINT_DIRECTORY_INVALID' });
  });

  it('is not needed for a checkpoint', async () => {
    const job = await new Job({}).submit();
    await job.requests.trigger({ jobId, kind: 'checkpoint', id });
    expect((await job.record()).requests).toEqual([{ id, kind: 'checkpoint' }]);
  });
});

describe('asking for a result', () => {
  it('puts a request into the job record that never arrived there', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    await job.become({ requests: [] });
    expect((await job.requests.operation(jobId, id)).state).toEqual({ kind: 'pending' });
    expect((await job.record()).requests.map((request) => request.id)).toEqual([id]);
  });

  it('does so too when all that was asked of the job is listed', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    await job.become({ requests: [] });
    expect(await job.requests.operations(jobId)).toMatchObject([{ id, state: { kind: 'pending' } }]);
    expect((await job.record()).requests.map((request) => request.id)).toEqual([id]);
  });

  it('fails one that did not arrive for minutes, and lets nobody put it there any more', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ jobId, kind: 'stop', id });
    await job.become({ requests: [] });
    const later = job.cloud.clock.now() + limits.requestArrivalMsMax + 1;
    const late = new RequestService({ ...job.cloud, clock: { ...job.cloud.clock, now: () => later } }, inBucket);
    const revision = async () => (await job.cloud.records.get(recordKeys.job(jobId)))!.revision;
    const before = await revision();
    expect(failureOf((await late.operations(jobId))[0]!)).toBe('REQUEST_LOST');
    expect((await job.record()).requests).toEqual([]);
    expect(await revision()).toBeGreaterThan(before);
    await job.requests.trigger({ jobId, kind: 'stop', id });
    expect((await job.record()).requests).toEqual([]);
  });

  it('lets one wait in the job record as long as it takes', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    const later = job.cloud.clock.now() + limits.requestArrivalMsMax + 1;
    const late = new RequestService({ ...job.cloud, clock: { ...job.cloud.clock, now: () => later } }, inBucket);
    expect((await late.operation(jobId, id)).state).toEqual({ kind: 'pending' });
    expect((await job.record()).requests).toHaveLength(1);
  });

  it('asks nothing again that was answered between the looks at operation and job', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    const { records } = job.cloud;
    let answered = false;
    const slow = new RequestService(
      {
        ...job.cloud,
        records: {
          ...records,
          async get(key) {
            // The operation was found pending; before the record is read, the job has answered and told it.
            if (key.sort === 'record' && !answered) {
              answered = true;
              await job.become({ requests: [] });
              await job.complete(id, done);
            }
            return await records.get(key);
          },
        },
      },
      inBucket,
    );
    expect((await slow.operation(jobId, id)).state).toEqual(done);
    expect((await job.record()).requests).toEqual([]);
  });

  it('of an operation that is unknown is refused', async () => {
    const job = await new Job().submit();
    await expect(job.requests.operation(jobId, id)).rejects.toMatchObject({ code: 'OPERATION_NOT_FOUND' });
  });

  it('with a bound gives the operation as it stands then', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    expect((await job.requests.waitFor(jobId, id, 0)).state).toEqual({ kind: 'pending' });
    await job.complete(id, done);
    expect((await job.requests.waitFor(jobId, id, 60_000)).state).toEqual(done);
  });
});

describe('what ends a job', () => {
  const effects = { sequence: 1 } as JobRecord['effects'] & object;

  it.each(['stop', 'cancel'] as const)('by %s is settled when the end has brought about everything it brings', async (kind) => {
    const job = await new Job().submit();
    await job.requests.trigger({ jobId, kind, id });
    await job.complete(id, done);
    await job.become({ status: kind === 'stop' ? 'FINISHED' : 'CANCELED', effects });
    expect((await job.requests.settled(jobId, id)).state).toEqual({ kind: 'pending' });
    const { effects: _, ...cleared } = await job.record();
    await job.replace(cleared);
    expect((await job.requests.settled(jobId, id)).state).toEqual(done);
  });

  it('is no matter of a savepoint: that is settled at once', async () => {
    const job = await new Job().submit();
    await job.requests.trigger({ ...savepoint, id });
    await job.complete(id, done);
    await job.become({ status: 'FINISHED', effects });
    expect((await job.requests.settled(jobId, id)).state).toEqual(done);
  });
});

describe('cancelling', () => {
  it('an unknown job is refused', async () => {
    await expect(new Job().requests.cancel(jobId)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('one that has ended says so, by how it ended', async () => {
    const job = await new Job().submit();
    await job.become({ status: 'FAILED' });
    expect(await job.requests.cancel(jobId)).toBe('ended');
    await job.become({ status: 'CANCELED' });
    expect(await job.requests.cancel(jobId)).toBe('alreadyCanceled');
  });
});
