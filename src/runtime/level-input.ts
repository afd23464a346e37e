import { assert } from '../base/assert.ts';
import { WeirError } from '../base/errors.ts';
import type { Cloud } from '../cloud/index.ts';
import type { RecordRun } from '../exchange/api.ts';
import { readRuns, type WantedRun } from '../exchange/input-reader.ts';
import { readLevelIndex, type SenderSaid } from '../exchange/level-index.ts';
import { SliceTable } from '../exchange/output-slices.ts';
import { sendersOf, slotOf } from '../exchange/routing.ts';
import type { JobEdge, JobGraph, JobVertex } from '../graph/job-graph.ts';
import type { Acknowledgement, EnumeratorAcknowledgement, OutputRef } from '../protocol/acknowledgement.ts';
import type { RunLevelCommand } from '../protocol/command.ts';
import { recordKeys, type SubtaskName } from '../protocol/names.ts';
import type { Handover } from './handover.ts';
import type { SubtaskCopy } from './subtask-copy.ts';

/** One upstream subtask's part of a subtask's input. */
export interface InputFrom {
  readonly edge: JobEdge;
  readonly sender: number;
  readonly vertexName: string;
  readonly acknowledgement: SenderSaid;
  readonly run: RecordRun | undefined;
}

export interface SubtaskInput {
  /** In the order in which ties are resolved: broadcast edges first, then by input and sender. */
  readonly channels: readonly InputFrom[];
  /** Of a source, if its enumerator has said something for this attempt. */
  readonly enumerator: EnumeratorAcknowledgement | undefined;
}

export type LevelInput = { readonly kind: 'there'; readonly inputs: readonly SubtaskInput[] } | { readonly kind: 'handoverLost' };

interface Channel {
  readonly edge: JobEdge;
  readonly source: JobVertex;
  readonly sender: number;
}

/** Reads what the subtasks of a level are fed by: from memory what is there, all the rest from storage in one go. */
export async function readLevelInput(
  cloud: Cloud,
  graph: JobGraph,
  copies: readonly SubtaskCopy[],
  command: RunLevelCommand,
  handover: Handover,
): Promise<LevelInput> {
  const channels = copies.map((copy) => channelsOf(graph, copy));
  const tables = new Map<OutputRef, SliceTable>();
  const tableOf = (output: OutputRef): SliceTable => {
    const table = tables.get(output) ?? new SliceTable(output.slices);
    tables.set(output, table);
    return table;
  };
  const said = await readAcknowledgements(cloud, copies, channels.flat(), command, handover);
  const wanted: WantedRun[] = [];
  const missing: { readonly into: InputFrom & { run: RecordRun | undefined } }[] = [];
  const inputs: SubtaskInput[] = [];
  for (const [i, copy] of copies.entries()) {
    const from: InputFrom[] = [];
    for (const { edge, source, sender } of channels[i]!) {
      const own = handover.of(source.vertexId, sender);
      const acknowledgement = own?.acknowledgement ?? said.subtask(source.vertexId, sender);
      if (own === undefined && acknowledgement.handover && slotOf(sender, command.slots) === command.slot) return { kind: 'handoverLost' };
      const input = { edge, sender, vertexName: source.name, acknowledgement, run: own?.kept.get(edge.edge, copy.subtask) };
      from.push(input);
      const { output } = acknowledgement;
      if (input.run !== undefined || output === undefined) continue;
      const slice = tableOf(output).of(edge.edge, copy.subtask);
      if (slice === undefined) continue;
      wanted.push({ output, slice });
      missing.push({ into: input });
    }
    inputs.push({ channels: from, enumerator: said.enumerator(copy.vertex.vertexId) });
  }
  const runs = await readRuns(cloud.objects, wanted);
  missing.forEach(({ into }, i) => {
    into.run = runs[i];
  });
  return { kind: 'there', inputs };
}

function channelsOf(graph: JobGraph, copy: SubtaskCopy): readonly Channel[] {
  const edges = graph.edges.filter((edge) => edge.targetVertex === copy.vertex.vertexId);
  const rank = (edge: JobEdge): number => (edge.partitioning === 'broadcast' ? 0 : 1);
  edges.sort((a, b) => rank(a) - rank(b) || a.targetInput - b.targetInput);
  return edges.flatMap((edge) => {
    const source = graph.vertices.find((vertex) => vertex.vertexId === edge.sourceVertex);
    assert(source !== undefined, 'an edge begins at a vertex');
    const ends = { partitioning: edge.partitioning, senders: source.parallelism, targets: copy.vertex.parallelism };
    return sendersOf(ends, copy.subtask).map((sender) => ({ edge, source, sender }));
  });
}

interface Said {
  subtask(vertexId: string, subtask: number): SenderSaid;
  enumerator(vertexId: string): EnumeratorAcknowledgement | undefined;
}

async function readAcknowledgements(
  cloud: Cloud,
  copies: readonly SubtaskCopy[],
  channels: readonly Channel[],
  command: RunLevelCommand,
  handover: Handover,
): Promise<Said> {
  const names = new Map<string, SubtaskName>();
  const indexed = command.index === undefined ? undefined : await readLevelIndex(cloud.objects, command.index, command.slot);
  for (const { source, sender } of indexed === undefined ? channels : []) {
    if (handover.of(source.vertexId, sender) === undefined)
      names.set(`${source.vertexId}/${sender}`, { vertexId: source.vertexId, subtask: sender });
  }
  for (const { vertex } of copies) {
    if (command.assigned.includes(vertex.vertexId)) names.set(`${vertex.vertexId}/-1`, { vertexId: vertex.vertexId, subtask: -1 });
  }
  const wanted = [...names.values()];
  const stored = wanted.length === 0 ? [] : await cloud.records.getMany(wanted.map((name) => recordKeys.acknowledgement(command, name)));
  const found = new Map<string, unknown>();
  wanted.forEach(({ vertexId, subtask }, i) => {
    const fields = stored[i]?.fields;
    if (fields === undefined) throw inputMissing(command, { vertexId, subtask });
    found.set(`${vertexId}/${subtask}`, fields);
  });
  return {
    subtask: (vertexId, subtask) => {
      const one = indexed === undefined ? (found.get(`${vertexId}/${subtask}`) as Acknowledgement | undefined) : indexed(vertexId, subtask);
      if (one === undefined) throw inputMissing(command, { vertexId, subtask });
      return one;
    },
    enumerator: (vertexId) => found.get(`${vertexId}/-1`) as EnumeratorAcknowledgement | undefined,
  };
}

function inputMissing(command: RunLevelCommand, { vertexId, subtask }: SubtaskName): WeirError {
  const who = subtask === -1 ? `the split enumerator of vertex ${vertexId}` : `subtask ${subtask} of vertex ${vertexId}`;
  return new WeirError({
    code: 'INPUT_MISSING',
    domain: 'internal',
    message: `Level ${command.level} of checkpoint ${command.checkpoint}, attempt ${command.attempt}, was called before ${who} had acknowledged.`,
    subject: { jobId: command.jobId, checkpoint: command.checkpoint },
  });
}
