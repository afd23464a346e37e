import { assert } from '../base/assert.ts';
import { messageOf, WeirError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { inLogScope } from '../base/log-scope.ts';
import type { RecordFields } from '../cloud/index.ts';
import type { EnumeratorAcknowledgement } from '../protocol/acknowledgement.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { PendingCheckpoint } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { recordKeys } from '../protocol/names.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';

/**
 * Runs the split enumerators of an attempt; each acknowledges as a subtask does, once. Gives their vertices:
 * the source subtasks look at these acknowledgements, for splits and for whether more will come.
 */
export async function runEnumerators(
  parts: CoordinatorParts,
  description: JobDescription,
  pending: PendingCheckpoint,
  manifest: Manifest | undefined,
): Promise<readonly string[]> {
  for (const vertexId of pending.enumerated) await enumerate(parts, description, pending, vertexId, manifest);
  return pending.enumerated;
}

async function enumerate(
  parts: CoordinatorParts,
  description: JobDescription,
  pending: PendingCheckpoint,
  vertexId: string,
  manifest: Manifest | undefined,
): Promise<EnumeratorAcknowledgement> {
  const { cloud } = parts;
  const key = recordKeys.acknowledgement(
    { jobId: description.jobId, checkpoint: pending.checkpoint, attempt: pending.attempt },
    { vertexId, subtask: -1 },
  );
  const stands = await cloud.records.get(key);
  if (stands !== undefined) return stands.fields as unknown as EnumeratorAcknowledgement;
  const vertex = description.graph.vertices.find((each) => each.vertexId === vertexId);
  const head = vertex?.operators[0];
  const body = head === undefined ? undefined : parts.loadJob(description).bodies[head.node];
  assert(vertex !== undefined && body?.kind === 'source', 'an enumerator belongs to a source');
  const state = manifest?.vertices.find((each) => each.vertexId === vertexId)?.enumerator?.state;
  const origin = { checkpoint: pending.checkpoint, attempt: pending.attempt, operator: head!.uid ?? head!.name };
  const context = { objects: cloud.objects, clock: cloud.clock, processingTime: pending.injectedAt, parallelism: vertex.parallelism };
  const found = await inLogScope(origin, async () => body.source.enumerate(state, context)).catch((cause: unknown) => {
    throw ofSource(origin.operator, cause);
  });
  const said: EnumeratorAcknowledgement = {
    vertexId,
    checkpoint: pending.checkpoint,
    attempt: pending.attempt,
    nonce: cloud.random.hex(8),
    state: found.state,
    assignments: found.assignments,
    done: found.done,
    ...(found.nextDueAt === undefined ? {} : { nextDueAt: found.nextDueAt }),
  };
  const outcome = await cloud.records.put(
    key,
    said as unknown as RecordFields,
    { kind: 'absent' },
    cloud.clock.now() + limits.acknowledgementTtlMs,
  );
  if (outcome.kind === 'stored' || outcome.current === undefined) return said;
  return outcome.current.fields as unknown as EnumeratorAcknowledgement;
}

function ofSource(operator: string, cause: unknown): WeirError {
  if (WeirError.is(cause)) return cause.about({ operator });
  return new WeirError({
    code: 'SOURCE_FAILED',
    domain: 'external',
    message: `Source "${operator}" could not say what there is to read: ${messageOf(cause)}`,
    subject: { operator },
    cause,
  });
}
