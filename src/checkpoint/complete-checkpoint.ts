import { assert } from '../base/assert.ts';
import { assembleManifest } from '../protocol/assemble-manifest.ts';
import { comesToNothing, completeCheckpoint, standing, takeBackCheckpoint } from '../protocol/commit.ts';
import type { FailureCause } from '../protocol/failure.ts';
import { accumulate } from '../protocol/job-accumulators.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { isForeign } from '../protocol/manifest-segments.ts';
import type { SubtaskName } from '../protocol/names.ts';
import { readAcknowledgements } from './acknowledgements.ts';
import { commitInput, saidBy } from './commit-input.ts';
import type { CompleteCommand, CompleteReply } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { type InlineOutcome, inlineState } from './inline-state.ts';
import { worstOf } from './judge-replies.ts';
import { retireCheckpoints } from './retire-checkpoints.ts';
import { removeSavepoints, writeSavepoints } from './write-savepoints.ts';

/** Checks that every subtask has acknowledged, writes the manifest and the savepoints asked for, and commits. */
export async function completeCheckpointOf(parts: CoordinatorParts, command: CompleteCommand): Promise<CompleteReply> {
  const { jobs, manifests } = parts;
  const description = await jobs.description(command.jobId);
  const record = await jobs.record(command.jobId);
  const stands = standing(record, command);
  if (stands !== 'pending') return decidedBefore(stands, record);
  const pending = record.pending;
  assert(pending !== undefined, 'a pending attempt is pending');
  const acknowledgements = await readAcknowledgements(parts, description.graph.vertices, command, pending.enumerated);
  const parent = await manifests.read(record.latest);
  const assembled = assembleManifest({
    jobId: description.jobId,
    jobName: description.name,
    graph: description.graph,
    checkpoint: command.checkpoint,
    attempt: command.attempt,
    stamp: pending.injectedAt,
    enumerated: pending.enumerated,
    acknowledgements,
    parent,
  });
  if (assembled.kind === 'missing') return { kind: 'incomplete', reason: worstOf(command.replies) ?? unexplained(assembled.subtasks) };
  const before = await parts.accumulators.read(record);
  const accumulation = accumulate(before, saidBy(acknowledgements));
  if (accumulation.kind === 'refused') return { kind: 'incomplete', reason: { kind: 'failed', failure: accumulation.failure } };
  const accumulated = accumulation.kind === 'changed';
  if (accumulated) await parts.accumulators.write(command, accumulation.accumulators, accumulation.json);
  const inlined = await placeState(parts, description, assembled.manifest);
  if (inlined.kind === 'tooLarge') return { kind: 'incomplete', reason: { kind: 'failed', failure: inlined.failure } };
  const manifest = pending.drain === true ? withoutWatermarks(inlined.manifest) : inlined.manifest;
  const at = await manifests.write(description.stateRoot, manifest);
  const asked = isForeign(manifest) ? [] : record.requests.filter((request) => pending.requests.includes(request.id));
  const { savepoints, failed } = await writeSavepoints(parts.cloud, manifest, asked);
  if (failed.size > 0) return await takeBack(parts, command, failed, savepoints);
  const now = parts.cloud.clock.now();
  const input = commitInput({ description, record, command, manifest, at, acknowledgements, savepoints, accumulated, now });
  let committed: JobRecord | undefined;
  let inVain = false;
  const reply = await jobs.update<CompleteReply>(command.jobId, (current) => {
    const outcome = completeCheckpoint(current, input);
    inVain = outcome.kind !== 'commit' && comesToNothing(current, command.attempt);
    if (outcome.kind !== 'commit') return { answer: decidedBefore(outcome.kind, current) };
    committed = outcome.record;
    return { answer: { kind: 'committed', effects: committed.effects !== undefined }, put: committed };
  });
  // Cancelled, or handed over, at the last moment: what was just written is nobody's.
  if (inVain) await removeSavepoints(parts.cloud, savepoints);
  if (reply.kind === 'committed' && accumulated && before !== undefined) await parts.accumulators.retire(command);
  if (reply.kind === 'committed' && committed !== undefined) {
    parts.observer?.committed(committed, manifest);
    await retireCheckpoints(parts.cloud, { before: record, after: committed, manifests: [parent, manifest] });
  }
  return reply;
}

/** Under the memory backend state travels with the acknowledgements, and the manifest is where it stays. */
async function placeState({ cloud }: CoordinatorParts, { stateBackend }: JobDescription, manifest: Manifest): Promise<InlineOutcome> {
  return stateBackend === 'memory' ? inlineState(cloud, manifest) : { kind: 'inlined', manifest };
}

function decidedBefore(how: 'committed' | 'takenBack' | 'fenced', record: JobRecord): CompleteReply {
  return how === 'committed' ? { kind: how, effects: record.effects !== undefined } : { kind: how };
}

/** A savepoint can't be written: the attempt comes to nothing, and only the request fails. */
async function takeBack(
  parts: CoordinatorParts,
  command: CompleteCommand,
  failed: ReadonlyMap<string, FailureCause>,
  written: Awaited<ReturnType<typeof writeSavepoints>>['savepoints'],
): Promise<CompleteReply> {
  const { generation, checkpoint, attempt } = command;
  let inVain = false;
  const reply = await parts.jobs.update<CompleteReply>(command.jobId, (current) => {
    const outcome = takeBackCheckpoint(current, { generation, checkpoint, attempt, failed });
    inVain = outcome.kind === 'commit' || comesToNothing(current, attempt);
    if (outcome.kind !== 'commit') return { answer: decidedBefore(outcome.kind, current) };
    return { answer: { kind: 'takenBack' }, put: outcome.record };
  });
  // Nothing can commit this attempt any more, so what was written under its number is nobody's.
  if (inVain) await removeSavepoints(parts.cloud, written);
  return reply;
}

/** A drained job has given out the end of time; who restores from its state begins as if no watermark had ever come. */
function withoutWatermarks(manifest: Manifest): Manifest {
  const vertices = manifest.vertices.map((vertex) => ({
    ...vertex,
    subtasks: vertex.subtasks.map((subtask) => ({ ...subtask, watermark: null })),
  }));
  return { ...manifest, vertices };
}

function unexplained(missing: readonly SubtaskName[]) {
  const names = missing.slice(0, 3).map((name) => `${name.vertexId} subtask ${name.subtask}`);
  return {
    kind: 'failed' as const,
    failure: {
      code: 'ACKNOWLEDGEMENT_MISSING',
      domain: 'internal' as const,
      message: `${missing.length} subtasks have not acknowledged although all their slots replied: ${names.join(', ')}.`,
    },
  };
}
