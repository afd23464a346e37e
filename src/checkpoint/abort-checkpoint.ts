import { isTerminal, type JobRecord } from '../protocol/job-record.ts';
import { type AbortReason, abortCheckpoint } from '../protocol/transitions.ts';
import type { AbortReply, CoordinatorCommand, RunOutcome, WorkflowError } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { errorOfWorkflow } from './judge-replies.ts';

type AbortCommand = Extract<CoordinatorCommand, { command: 'abort' }>;

/** Takes back an attempt that can't be completed, counts the failure, and says how the job goes on. Deletes nothing. */
export async function abortCheckpointOf(parts: CoordinatorParts, command: AbortCommand): Promise<AbortReply> {
  const { restartStrategy: strategy } = await parts.jobs.description(command.jobId);
  const now = parts.cloud.clock.now();
  const reason = reasonOf(command.reason);
  const { attempt } = command;
  let aborted: JobRecord | undefined;
  const outcome = await parts.jobs.update<RunOutcome>(command.jobId, (record) => {
    aborted = undefined;
    const decided = abortCheckpoint(record, {
      generation: command.generation,
      reason,
      strategy,
      now,
      ...(attempt === 0 ? {} : { attempt }),
    });
    switch (decided.kind) {
      case 'fenced':
        return { answer: { kind: 'fenced' } };
      case 'ended':
        return { answer: afterEnd(record) };
      case 'committed':
        return { answer: { kind: 'again', runs: 0 } };
      case 'aborted':
        return { answer: afterAbort(reason, decided.restartAt) };
      case 'abort':
        aborted = decided.record;
        return {
          answer: isTerminal(decided.record.status) ? afterEnd(decided.record) : afterAbort(reason, decided.record.restartAt),
          put: decided.record,
        };
    }
  });
  if (aborted !== undefined) parts.observer?.aborted(aborted, reason);
  return { outcome };
}

/** What a job leaves when it ends is done by the same driver; it needs no slots for that (see Open generation). */
const afterEnd = (record: JobRecord): RunOutcome => ({ kind: record.effects === undefined ? 'ended' : 'prepare' });

/** A slot without state needs Prepare; after anything else too, if only to find out which slots are still there. */
function afterAbort(reason: AbortReason, restartAt: number): RunOutcome {
  if (reason.kind !== 'failed' || restartAt === 0) return { kind: 'prepare' };
  return { kind: 'restart', until: new Date(restartAt).toISOString() };
}

function reasonOf(reason: AbortReason | WorkflowError): AbortReason {
  if (reason.kind !== 'error') return reason;
  return { kind: 'failed', failure: errorOfWorkflow(reason.error, 'a workflow step') };
}
