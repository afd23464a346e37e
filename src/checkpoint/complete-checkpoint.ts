import { assert } from '../base/assert.ts';
import type { JobVertex } from '../graph/job-graph.ts';
import type { Acknowledgement, EnumeratorAcknowledgement } from '../protocol/acknowledgement.ts';
import { type AttemptAcknowledgements, assembleManifest } from '../protocol/assemble-manifest.ts';
import { type CompleteInput, completeCheckpoint, standing } from '../protocol/commit.ts';
import { nextBatch } from '../protocol/epoch-size.ts';
import { accumulate } from '../protocol/job-accumulators.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { CheckpointStatistics, JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { recordKeys, type SubtaskName } from '../protocol/names.ts';

import type { CompleteCommand, CompleteReply } from './coordinator-command.ts';
import type { CoordinatorParts } from './coordinator-parts.ts';
import { worstOf } from './judge-replies.ts';
import { retireCheckpoint } from './retire-checkpoint.ts';

/** Checks that every subtask has acknowledged, writes the manifest and commits. */
export async function completeCheckpointOf(parts: CoordinatorParts, command: CompleteCommand): Promise<CompleteReply> {
  const { jobs, manifests } = parts;
  const description = await jobs.description(command.jobId);
  const record = await jobs.record(command.jobId);
  const stands = standing(record, command);
  if (stands === 'fenced' || stands === 'takenBack') return { kind: 'fenced' };
  if (stands === 'committed') return { kind: 'committed', effects: record.effects !== undefined };
  const pending = record.pending;
  assert(pending !== undefined, 'a pending attempt is pending');
  const acknowledgements = await readAcknowledgements(parts, description, command, pending.enumerated);
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
  const accumulated = accumulate(before, saidBy(acknowledgements));
  if (accumulated.kind === 'refused') return { kind: 'incomplete', reason: { kind: 'failed', failure: accumulated.failure } };
  if (accumulated.kind === 'changed') await parts.accumulators.write(command, accumulated.accumulators, accumulated.json);
  const manifest = await manifests.write(description.stateRoot, assembled.manifest);
  const input = commitInput(parts, description, record, command, assembled.manifest, acknowledgements, {
    manifest,
    accumulated: accumulated.kind === 'changed',
  });
  const reply = await jobs.update<CompleteReply>(command.jobId, (current) => {
    const outcome = completeCheckpoint(current, input);
    if (outcome.kind === 'commit')
      return { answer: { kind: 'committed', effects: outcome.record.effects !== undefined }, put: outcome.record };
    return { answer: outcome.kind === 'committed' ? { kind: 'committed', effects: current.effects !== undefined } : { kind: 'fenced' } };
  });
  if (reply.kind === 'committed' && accumulated.kind === 'changed' && before !== undefined) await parts.accumulators.retire(command);
  if (reply.kind === 'committed' && parent !== undefined && record.latest.manifest !== undefined) {
    await retireCheckpoint(parts.cloud, { manifest: parent, uri: record.latest.manifest.uri }, assembled.manifest);
  }
  return reply;
}

async function readAcknowledgements(
  parts: CoordinatorParts,
  description: JobDescription,
  of: CompleteCommand,
  enumerated: readonly string[],
): Promise<AttemptAcknowledgements> {
  const names: SubtaskName[] = description.graph.vertices.flatMap(subtasksOf);
  names.push(...enumerated.map((vertexId) => ({ vertexId, subtask: -1 })));
  const found = await parts.cloud.records.getMany(names.map((name) => recordKeys.acknowledgement(of, name)));
  const subtasks = new Map<string, (Acknowledgement | undefined)[]>();
  const enumerators = new Map<string, EnumeratorAcknowledgement>();
  names.forEach((name, index) => {
    const fields: unknown = found[index]?.fields;
    if (name.subtask === -1) {
      if (fields !== undefined) enumerators.set(name.vertexId, fields as EnumeratorAcknowledgement);
      return;
    }
    const row = subtasks.get(name.vertexId) ?? [];
    row[name.subtask] = fields as Acknowledgement | undefined;
    subtasks.set(name.vertexId, row);
  });
  return { subtasks, enumerators };
}

const saidBy = ({ subtasks }: AttemptAcknowledgements): readonly Acknowledgement[] =>
  [...subtasks.values()].flat().filter((each) => each !== undefined);

const subtasksOf = (vertex: JobVertex): SubtaskName[] =>
  Array.from({ length: vertex.parallelism }, (_, subtask) => ({ vertexId: vertex.vertexId, subtask }));

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

function commitInput(
  parts: CoordinatorParts,
  description: JobDescription,
  record: JobRecord,
  command: CompleteCommand,
  manifest: Manifest,
  acknowledgements: AttemptAcknowledgements,
  written: {
    readonly manifest: { readonly uri: string; readonly checksum: string; readonly bytes: number };
    readonly accumulated: boolean;
  },
): CompleteInput {
  const now = parts.cloud.clock.now();
  const said = saidBy(acknowledgements);
  const sources = new Set<string>(
    description.graph.vertices.filter((vertex) => vertex.operators[0]?.kind === 'source').map((vertex) => vertex.vertexId),
  );
  const reading = said.filter((each) => sources.has(each.vertexId));
  const feeding = new Set<string>(description.graph.edges.map((edge) => edge.sourceVertex));
  const statistics = statisticsOf(
    record,
    { said, reading, ending: said.filter((each) => !feeding.has(each.vertexId)) },
    written.manifest.bytes,
    now,
  );
  const backlog = reading.some((each) => each.backlog);
  const emptyEpochs = statistics.recordsIn === 0 ? record.emptyEpochs + 1 : 0;
  const open = reading.some((each) => !each.endOfInput);
  const polled = open && !backlog ? record.stamp + pollBackoff(description.checkpointIntervalMs, emptyEpochs) : undefined;
  return {
    generation: command.generation,
    checkpoint: command.checkpoint,
    attempt: command.attempt,
    manifest: { uri: written.manifest.uri, checksum: written.manifest.checksum },
    statistics,
    accumulated: written.accumulated,
    publish: manifest.vertices.some((vertex) => vertex.subtasks.some((subtask) => subtask.committables.length > 0)),
    ended: said.every((each) => each.endOfInput),
    foreign: refersToForeign(manifest),
    savepoints: new Map(),
    kept: description.retention?.kept ?? 1,
    batch: nextBatch(record.batch, { durationMs: statistics.durationMs, intervalMs: description.checkpointIntervalMs, backlog }),
    backlog,
    nextDueAt: earliest([polled, ...said.map((each) => each.nextDueAt)]),
    enumeratorsDueAt: earliest(manifest.vertices.map((vertex) => (vertex.enumerator?.done ? undefined : vertex.enumerator?.nextDueAt))),
    emptyEpochs,
  };
}

const refersToForeign = (manifest: Manifest): boolean =>
  manifest.vertices.some((vertex) =>
    vertex.subtasks.some((subtask) => subtask.dealt === true || subtask.segments.some((segment) => segment.foreign === true)),
  );

/** Sources that stay empty are asked less and less often, up to a minute apart. */
const pollBackoff = (intervalMs: number, emptyEpochs: number): number =>
  Math.max(intervalMs, Math.min(60_000, intervalMs * 2 ** Math.min(emptyEpochs, 6)));

function earliest(times: readonly (number | undefined)[]): number | undefined {
  let first: number | undefined;
  for (const time of times) if (time !== undefined && (first === undefined || time < first)) first = time;
  return first;
}

interface Said {
  readonly said: readonly Acknowledgement[];
  /** Of sources. */
  readonly reading: readonly Acknowledgement[];
  /** Of vertices that feed no other. */
  readonly ending: readonly Acknowledgement[];
}

function statisticsOf(record: JobRecord, { said, reading, ending }: Said, manifestBytes: number, now: number): CheckpointStatistics {
  const sum = (of: readonly Acknowledgement[], pick: (counts: Acknowledgement['counts']) => number): number =>
    of.reduce((total, each) => total + pick(each.counts), 0);
  return {
    completedAt: now,
    durationMs: Math.max(0, now - (record.pending?.injectedAt ?? now)),
    recordsIn: sum(reading, (counts) => counts.recordsIn),
    recordsOut: sum(ending, (counts) => counts.recordsOut),
    skipped: sum(said, (counts) => counts.skipped),
    checkpointBytes: manifestBytes + sum(said, (counts) => counts.segmentBytes),
    stateBytes: sum(said, (counts) => counts.stateBytes),
    stateEntries: sum(said, (counts) => counts.stateEntries),
  };
}
