import { takeBackCheckpoint } from './commit.ts';
import { addToMark } from './effects-mark.ts';
import { withdrawnRequest } from './end-job.ts';
import { isTerminal, type JobRecord } from './job-record.ts';

export type WithdrawOutcome =
  /** It is answered, or the job has ended. */
  { readonly kind: 'decided' } | { readonly kind: 'withdrawn' } | { readonly kind: 'withdraw'; readonly record: JobRecord };

/** So many are remembered: those that an upgrade gave up, one at a time. */
const rememberedMax = 8;

/**
 * Takes a request back that no barrier has answered: it fails, and the job goes on. One that is still on its way here is
 * refused when it comes (see addRequest), so that nothing answers it after all. An attempt that is in flight comes to
 * nothing: it may be the one that was to answer it.
 */
export function withdrawRequest(record: JobRecord, id: string): WithdrawOutcome {
  if (isTerminal(record.status) || record.effects?.answers.some(({ request }) => request.id === id) === true) return { kind: 'decided' };
  if (record.withdrawn?.includes(id) === true) return { kind: 'withdrawn' };
  const marked: JobRecord = { ...record, withdrawn: [...(record.withdrawn ?? []), id].slice(-rememberedMax) };
  const request = record.requests.find((each) => each.id === id);
  if (request === undefined) return { kind: 'withdraw', record: marked };
  const failure = withdrawnRequest(record.jobId);
  const { pending, generation } = record;
  if (pending !== undefined) {
    const { checkpoint, attempt } = pending;
    const taken = takeBackCheckpoint(marked, { generation, checkpoint, attempt, failed: new Map([[id, failure]]) });
    if (taken.kind === 'commit') return { kind: 'withdraw', record: taken.record };
  }
  const requests = record.requests.filter((each) => each.id !== id);
  return { kind: 'withdraw', record: addToMark({ ...marked, requests }, { answers: [{ request, outcome: { kind: 'failed', failure } }] }) };
}
