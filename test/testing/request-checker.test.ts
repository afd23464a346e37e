// A checker that never speaks proves nothing: it is shown what it must not let pass.
import { describe, expect, it } from 'vitest';
import { checksumOf, utf8 } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { RecordFields } from '../../src/cloud/index.ts';
import type { JobRecord } from '../../src/protocol/job-record.ts';
import { recordKeys } from '../../src/protocol/names.ts';
import type { OperationState } from '../../src/protocol/operation.ts';
import type { Answer, JobRequest } from '../../src/protocol/request.ts';
import { RequestChecker } from '../../src/testing/checkers/request-checker.ts';
import { Violations } from '../../src/testing/checkers/violations.ts';
import { noFaults } from '../../src/testing/faults.ts';
import { PortCalls } from '../../src/testing/port-calls.ts';
import { SimulatedClock } from '../../src/testing/simulated-clock.ts';
import { SimulatedObjects } from '../../src/testing/simulated-object-store.ts';
import { SimulatedRecords } from '../../src/testing/simulated-record-store.ts';

const jobId = 'j';
const path = 's3://b/savepoint';
const bytes = utf8('{}');
const cancel: JobRequest = { id: 'r', kind: 'cancel', directory: 's3://b', format: 'native' };
const saved: Answer = {
  request: cancel,
  outcome: { kind: 'savepoint', path, metadata: { uri: `${path}/_metadata`, checksum: checksumOf(bytes) } },
};
const failed: Answer = { request: cancel, outcome: { kind: 'failed', failure: { code: 'JOB_ENDED', domain: 'user', message: 'ended' } } };

const running = { jobId, status: 'RUNNING', latest: { checkpoint: 0, attempt: 0 }, pinnedUpTo: 0, requests: [] } as unknown as JobRecord;
const waiting: JobRecord = { ...running, requests: [cancel] };
const marked = (...answers: readonly Answer[]) => ({ sequence: 1, checkpoint: 1, attempt: 1, publish: false, answers });
const canceled: JobRecord = {
  ...running,
  status: 'CANCELED',
  latest: { checkpoint: 1, attempt: 1 },
  pinnedUpTo: 1,
  effects: { ...marked(saved), ended: true },
};
const { effects: _effects, ...cleared } = canceled;
const completed: OperationState = { kind: 'completed', at: 1, result: { kind: 'savepoint', path } };

type Step =
  | { readonly job: JobRecord }
  | { readonly operation: OperationState | undefined }
  | { readonly metadata: Uint8Array }
  | { readonly snapshot: { readonly effectsDone: boolean } };

const asked: Step = { operation: { kind: 'pending' } };
const written: Step = { metadata: bytes };
const known: Step = { snapshot: { effectsDone: true } };

/** What the checker says about what happened in these steps, and the end. */
async function judged(...steps: readonly Step[]): Promise<readonly string[]> {
  const calls = new PortCalls({ clock: new SimulatedClock(), random: seededRandom(1), plan: noFaults });
  const [violations, records, objects] = [new Violations(), new SimulatedRecords(calls), new SimulatedObjects(calls)];
  const checker = new RequestChecker({ violations, records, objects, jobId });
  records.observe(checker);
  const key = recordKeys.operation(jobId, cancel.id);
  for (const step of steps) {
    if ('job' in step) records.place(recordKeys.job(jobId), step.job as unknown as RecordFields);
    else if ('metadata' in step) objects.place(`${path}/_metadata`, step.metadata);
    else if ('snapshot' in step) records.place(recordKeys.snapshot(path), step.snapshot);
    else if (step.operation === undefined) await records.for().delete(key);
    else records.place(key, { id: cancel.id, jobId, asked: cancel, createdAt: 1, state: step.operation } as unknown as RecordFields);
  }
  checker.checkEnd();
  return violations.found;
}

describe('the checker of requests', () => {
  it('lets a cancellation with its savepoint pass', async () => {
    const steps = [
      asked,
      { job: running },
      { job: waiting },
      written,
      { job: canceled },
      known,
      { operation: completed },
      { job: cleared },
    ];
    expect(await judged(...steps)).toEqual([]);
  });

  it.each<[string, readonly Step[], string]>([
    ['a request without an operation', [{ job: waiting }], 'has no operation'],
    ['a request that leaves the queue unanswered', [asked, { job: waiting }, { job: running }], 'without an answer'],
    ['a savepoint that is not there', [asked, { job: waiting }, { job: canceled }], 'its metadata is not there'],
    [
      'a savepoint with another content',
      [asked, { job: waiting }, { metadata: utf8('{"version":1}') }, { job: canceled }],
      'its metadata is not there',
    ],
    [
      'a cancellation with a savepoint that ends the job in another way',
      [asked, { job: waiting }, written, { job: { ...canceled, status: 'FINISHED' } }],
      'but was cancelled with a savepoint',
    ],
    [
      'a commit that cancels without a savepoint',
      [asked, { job: waiting }, { job: { ...canceled, effects: { ...marked(failed), ended: true } } }],
      'no savepoint of a cancellation exists',
    ],
    [
      'a success without a commit',
      [asked, { job: waiting }, written, { job: { ...waiting, requests: [], pinnedUpTo: 0, effects: marked(saved) } }],
      'succeeded without a commit',
    ],
    ['a savepoint that pins nothing', [asked, { job: waiting }, written, { job: { ...canceled, pinnedUpTo: 0 } }], 'pins nothing'],
    [
      'a request that waits again after its answer',
      [asked, { job: waiting }, written, { job: canceled }, { job: { ...cleared, requests: [cancel] } }],
      'waits again',
    ],
    [
      'a result before anybody finds the savepoint',
      [asked, { job: waiting }, written, { job: canceled }, { operation: completed }],
      'its record is missing',
    ],
    [
      'a result before the output is published',
      [asked, { job: waiting }, written, { job: canceled }, { snapshot: { effectsDone: false } }, { operation: completed }],
      'not published',
    ],
    ['a result that nobody decided', [asked, { job: waiting }, known, { operation: completed }], 'was not answered so'],
    [
      'a result that changes',
      [
        asked,
        { job: waiting },
        written,
        { job: canceled },
        known,
        { operation: completed },
        { operation: { ...completed, at: 2 } as OperationState },
      ],
      'and then changed',
    ],
    ['a result that goes', [asked, { job: waiting }, written, { job: canceled }, known, { operation: undefined }], 'was deleted'],
    ['an answer that nobody is told', [asked, { job: waiting }, written, { job: canceled }, known, { job: cleared }], 'does not say so'],
  ])('speaks of %s', async (_what, steps, words) => {
    expect((await judged(...steps)).join('\n')).toContain(words);
  });
});
