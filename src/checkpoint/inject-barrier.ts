import { checksumOf, utf8 } from '../base/bytes.ts';
import { limits } from '../base/limits.ts';
import { type FailureCause, failureFrom } from '../protocol/failure.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { JobRecord, PendingCheckpoint } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { beginCheckpoint } from '../protocol/transitions.ts';
import { failureBytesMax, isSealed, runsInGroups } from '../protocol/wide-job.ts';
import type { EpochCommand, InjectCommand, InjectReply } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { runEnumerators } from './enumerators.ts';
import { worstOf } from './judge-replies.ts';

type Begun =
  | { readonly kind: 'reply'; readonly reply: InjectReply }
  | { readonly kind: 'manifestNeeded'; readonly latest: JobRecord['latest'] }
  | { readonly kind: 'begun'; readonly record: JobRecord; readonly pending: PendingCheckpoint };

/** Gives out the next attempt, if there is something to do, and lets the enumerators run that are due. */
export async function injectBarrier(parts: CoordinatorParts, command: InjectCommand): Promise<InjectReply> {
  const turn = command.turn + 1;
  const lost = worstOf([command.prepared]);
  if (lost !== undefined && command.turn === 0) return { kind: 'failed', turn, attempt: 0, reason: lost };
  const description = await parts.jobs.description(command.jobId);
  let manifest: Manifest | undefined;
  for (;;) {
    const begun = await begin(parts, command, description, manifest);
    if (begun.kind === 'reply') return begun.reply;
    if (begun.kind === 'manifestNeeded') {
      manifest = await parts.manifests.read(begun.latest);
      continue;
    }
    const { record, pending } = begun;
    try {
      const enumerating = pending.enumerated.length === 0 ? undefined : (manifest ?? (await parts.manifests.read(record.latest)));
      const assigned = await runEnumerators(parts, description, pending, enumerating);
      return { turn, ...levelsOf(description), epoch: epochCommand(parts, description, record, pending, assigned) };
    } catch (error) {
      const failure: FailureCause = failureFrom(error);
      return { kind: 'failed', turn, attempt: pending.attempt, reason: { kind: 'failed', failure } };
    }
  }
}

async function begin(
  parts: CoordinatorParts,
  command: InjectCommand,
  description: JobDescription,
  manifest: Manifest | undefined,
): Promise<Begun> {
  const now = parts.cloud.clock.now();
  const turn = command.turn + 1;
  const injectedBy = checksumOf(utf8(`${command.runId} ${command.turn}`)).slice(0, 16);
  return await parts.jobs.update<Begun>(command.jobId, (record) => {
    const due = record.enumeratorsDueAt !== undefined && record.enumeratorsDueAt <= now;
    const known = record.latest.checkpoint === 0 || (manifest !== undefined && manifest.attempt === record.latest.attempt);
    if (due && !known && record.generation === command.generation) return { answer: { kind: 'manifestNeeded', latest: record.latest } };
    const enumerated = due ? dueEnumerators(description, manifest, now) : [];
    const outcome = beginCheckpoint(record, {
      generation: command.generation,
      injectedBy,
      now,
      checkpointIntervalMs: description.checkpointIntervalMs,
      enumerated,
    });
    const end = (reply: InjectReply) => ({ answer: { kind: 'reply' as const, reply } });
    switch (outcome.kind) {
      case 'fenced':
      case 'ended':
        return end({ kind: 'end', outcome: { kind: outcome.kind } });
      case 'effects':
        return end({ kind: 'effects', turn });
      case 'again':
        return { answer: { kind: 'begun', record, pending: outcome.pending } };
      case 'wait':
        return end(waitReply(command, outcome.until, now));
      case 'begin':
        if (now - Date.parse(command.runStartedAt) >= limits.checkpointRunMs) return end(endOfRun(command));
        return { answer: { kind: 'begun', record: outcome.record, pending: outcome.pending }, put: outcome.record };
    }
  });
}

/** Short waits happen within the run; for longer ones the driver sleeps on a task token. */
function waitReply(command: InjectCommand, until: number, now: number): InjectReply {
  const runEndsAt = Date.parse(command.runStartedAt) + limits.checkpointRunMs;
  if (until - now <= limits.waitWithinRunMsMax) {
    if (until >= runEndsAt) return endOfRun(command);
    // Who asks for something meanwhile can't wake a wait, as he can a sleep: so it is short, and looks again.
    const again = Math.min(until, now + limits.requestPollMs);
    return { kind: 'wait', turn: command.turn + 1, until: new Date(again).toISOString() };
  }
  return { kind: 'end', outcome: { kind: 'idle', seconds: Math.ceil((until - now) / 1000) } };
}

function endOfRun(command: InjectCommand): InjectReply {
  const runs = command.runs + 1;
  return { kind: 'end', outcome: runs >= limits.runsPerGenerationMax ? { kind: 'rotate' } : { kind: 'again', runs } };
}

type Levels =
  | Pick<Extract<InjectReply, { kind: 'run' }>, 'kind' | 'levels'>
  | Pick<Extract<InjectReply, { kind: 'runInGroups' }>, 'kind' | 'levels'>;

function levelsOf(description: JobDescription): Levels {
  const { graph, slots } = description;
  const levels = Array.from({ length: graph.levels }, (_, level) => level);
  if (!runsInGroups(description)) return { kind: 'run', levels };
  return { kind: 'runInGroups', levels: levels.map((level) => ({ level, sealed: isSealed(graph, level, slots) })) };
}

function dueEnumerators(description: JobDescription, manifest: Manifest | undefined, now: number): readonly string[] {
  return description.graph.vertices
    .filter((vertex) => vertex.operators[0]?.kind === 'source')
    .filter((vertex) => {
      const enumerator = manifest?.vertices.find((each) => each.vertexId === vertex.vertexId)?.enumerator;
      return enumerator === undefined || (!enumerator.done && enumerator.nextDueAt !== undefined && enumerator.nextDueAt <= now);
    })
    .map((vertex) => vertex.vertexId);
}

function epochCommand(
  { levelMsMax }: CoordinatorParts,
  description: JobDescription,
  record: JobRecord,
  pending: PendingCheckpoint,
  assigned: readonly string[],
): EpochCommand {
  return {
    jobId: description.jobId,
    generation: record.generation,
    slots: description.slots,
    checkpoint: pending.checkpoint,
    attempt: pending.attempt,
    parent: record.latest as unknown as EpochCommand,
    stamp: pending.injectedAt,
    parentStamp: record.latestStamp,
    batch: { ...record.batch },
    assigned,
    storeHandover: pending.storeHandover,
    ...(pending.drain === true ? { drain: true } : {}),
    deadlineMs: levelMsMax,
    failureBytesMax: failureBytesMax(description),
  };
}
