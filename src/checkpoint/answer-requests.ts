import type { FailureCause } from '../protocol/failure.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import type { OperationState } from '../protocol/operation.ts';
import type { Answer } from '../protocol/request.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { makeSnapshotKnown } from './make-snapshot-known.ts';
import { OperationStore } from './operation-store.ts';

/**
 * Tells those who asked: each savepoint gets its snapshot record, then its operation its result. An operation that has a
 * result keeps it.
 */
export async function answerRequests(
  parts: CoordinatorParts,
  description: JobDescription,
  record: JobRecord,
  answers: readonly Answer[],
): Promise<void> {
  const operations = new OperationStore(parts.cloud);
  for (const { request, outcome } of answers) {
    if (outcome.kind === 'savepoint') {
      const { path, metadata } = outcome;
      await makeSnapshotKnown(parts, { path, kind: 'savepoint', ref: record.latest, metadata, drained: request.drain === true });
    }
    const now = parts.cloud.clock.now();
    const state = stateOf({ request, outcome }, now);
    const { jobId } = description;
    await operations.advance({ id: request.id, jobId, asked: request, createdAt: now, state: { kind: 'pending' } }, ['pending'], state);
  }
}

function stateOf({ request, outcome }: Answer, at: number): OperationState {
  switch (outcome.kind) {
    case 'savepoint':
      if (request.format === 'canonical') return { kind: 'copying', from: outcome.path };
      return { kind: 'completed', at, result: { kind: 'savepoint', path: outcome.path } };
    case 'checkpoint':
      return { kind: 'completed', at, result: outcome };
    case 'failed':
      return failedState(outcome.failure, at);
  }
}

export const failedState = (failure: FailureCause, at: number): OperationState => ({
  kind: 'completed',
  at,
  result: { kind: 'failed', failure },
});
