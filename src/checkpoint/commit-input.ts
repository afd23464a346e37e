import type { Acknowledgement } from '../protocol/acknowledgement.ts';
import type { AttemptAcknowledgements } from '../protocol/assemble-manifest.ts';
import type { CompleteInput } from '../protocol/commit.ts';
import { nextBatch } from '../protocol/epoch-size.ts';
import type { JobDescription } from '../protocol/job-description.ts';
import type { CheckpointStatistics, JobRecord } from '../protocol/job-record.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { isForeign } from '../protocol/manifest-segments.ts';
import { retentionOf } from '../protocol/retention.ts';
import type { CompleteCommand } from './coordinator-command.ts';

export interface CommitInputOptions {
  readonly description: JobDescription;
  readonly record: JobRecord;
  readonly command: CompleteCommand;
  readonly manifest: Manifest;
  readonly at: { readonly uri: string; readonly checksum: string; readonly bytes: number };
  readonly acknowledgements: AttemptAcknowledgements;
  readonly savepoints: CompleteInput['savepoints'];
  /** Accumulators changed. */
  readonly accumulated: boolean;
  readonly now: number;
}

/** What the commit has to know: sums over all that was acknowledged, and when there is something to do again. */
export function commitInput(options: CommitInputOptions): CompleteInput {
  const { description, record, command, manifest, at, acknowledgements, savepoints, accumulated, now } = options;
  const said = saidBy(acknowledgements);
  const sources = new Set<string>(
    description.graph.vertices.filter((vertex) => vertex.operators[0]?.kind === 'source').map((vertex) => vertex.vertexId),
  );
  const reading = said.filter((each) => sources.has(each.vertexId));
  const feeding = new Set<string>(description.graph.edges.map((edge) => edge.sourceVertex));
  const statistics = statisticsOf(record, { said, reading, ending: said.filter((each) => !feeding.has(each.vertexId)) }, at.bytes, now);
  const backlog = reading.some((each) => each.backlog);
  const emptyEpochs = statistics.recordsIn === 0 ? record.emptyEpochs + 1 : 0;
  const open = reading.some((each) => !each.endOfInput);
  const polled = open && !backlog ? record.stamp + pollBackoff(description.checkpointIntervalMs, emptyEpochs) : undefined;
  return {
    generation: command.generation,
    checkpoint: command.checkpoint,
    attempt: command.attempt,
    manifest: { uri: at.uri, checksum: at.checksum },
    statistics,
    accumulated,
    publish: manifest.vertices.some((vertex) => vertex.subtasks.some((subtask) => subtask.committables.length > 0)),
    ended: said.every((each) => each.endOfInput),
    foreign: isForeign(manifest),
    savepoints,
    kept: retentionOf(description).kept,
    batch: nextBatch(record.batch, { epoch: statistics, before: record.statistics, intervalMs: description.checkpointIntervalMs, backlog }),
    backlog,
    nextDueAt: earliest([polled, ...said.map((each) => each.nextDueAt)]),
    enumeratorsDueAt: earliest(manifest.vertices.map((vertex) => (vertex.enumerator?.done ? undefined : vertex.enumerator?.nextDueAt))),
    emptyEpochs,
  };
}

/** What the subtasks said, those that are missing left out. */
export const saidBy = ({ subtasks }: AttemptAcknowledgements): readonly Acknowledgement[] =>
  [...subtasks.values()].flat().filter((each) => each !== undefined);

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
