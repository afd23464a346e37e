/** Pure: how a job's records look in Flink's shapes. */
import type { JobEdge, JobGraph, JobVertex } from '../graph/job-graph.ts';
import { type JobView, shownStatus } from '../job/job-service.ts';
import { type ExecutionState, executionStates, type JobDetails, type JobProgress, type JobRow, type JobStatus } from './replies.ts';

const globallyTerminal: ReadonlySet<JobStatus> = new Set(['FINISHED', 'CANCELED', 'FAILED']);

/** Subtasks have no life of their own between epochs: they are as their job is. */
export const subtaskStates: Readonly<Record<JobStatus, ExecutionState>> = {
  CREATED: 'CREATED',
  RUNNING: 'RUNNING',
  RESTARTING: 'SCHEDULED',
  FAILING: 'FAILED',
  FAILED: 'FAILED',
  CANCELLING: 'CANCELING',
  CANCELED: 'CANCELED',
  FINISHED: 'FINISHED',
};

interface Lifetime {
  readonly 'start-time': number;
  /** -1 while the job has not ended. */
  readonly 'end-time': number;
  readonly duration: number;
}

export function lifetimeOf(view: JobView, now: number): Lifetime {
  const start = view.record.submittedAt;
  const end = globallyTerminal.has(shownStatus(view.record)) ? view.record.statusAt : -1;
  return { 'start-time': start, 'end-time': end, duration: Math.max(0, (end === -1 ? now : end) - start) };
}

const subtasksOf = (view: JobView): number => view.description.graph.vertices.reduce((sum, vertex) => sum + vertex.parallelism, 0);

export function countsOf(state: ExecutionState, subtasks: number): Record<ExecutionState, number> {
  return Object.fromEntries(executionStates.map((each) => [each, each === state ? subtasks : 0])) as Record<ExecutionState, number>;
}

export function jobRowOf(view: JobView, now: number): JobRow {
  const { record } = view;
  const state = shownStatus(record);
  const subtasks = subtasksOf(view);
  const counts = Object.entries(countsOf(subtaskStates[state], subtasks)).map(([name, count]) => [name.toLowerCase(), count]);
  return {
    jid: record.jobId,
    name: record.name,
    ...lifetimeOf(view, now),
    state,
    'last-modification': Math.max(record.statusAt, record.statistics?.completedAt ?? 0),
    tasks: { total: subtasks, ...Object.fromEntries(counts) },
  };
}

export function jobDetailsOf(view: JobView, now: number): JobDetails {
  const { record, description } = view;
  const { graph } = description;
  const state = shownStatus(record);
  return {
    jid: record.jobId,
    name: record.name,
    isStoppable: false,
    state,
    'job-type': 'STREAMING',
    ...lifetimeOf(view, now),
    maxParallelism: -1,
    now,
    timestamps: timestampsOf(view, state),
    vertices: graph.vertices.map((vertex) => vertexOf(view, vertex, now)),
    'status-counts': countsOf(subtaskStates[state], graph.vertices.length),
    plan: planOf(graph, { jid: record.jobId, name: record.name }),
    weir: progressOf(view),
  };
}

function progressOf({ record, description }: JobView): JobProgress {
  return {
    checkpoint: record.latest.checkpoint,
    generation: record.generation,
    attempt: record.attempt,
    slots: description.slots,
    programId: description.program.programId,
    checkpointIntervalMs: description.checkpointIntervalMs,
    totals: record.totals,
    ...(record.statistics === undefined ? {} : { statistics: record.statistics }),
    batch: record.batch,
    failures: record.failures,
    ...(record.cause === undefined ? {} : { cause: record.cause }),
  };
}

/** When each status was entered last, 0 for never; a record remembers the first and the latest. */
function timestampsOf({ record }: JobView, state: JobStatus): Record<string, number> {
  const all = [
    'INITIALIZING',
    'CREATED',
    'RUNNING',
    'FAILING',
    'FAILED',
    'CANCELLING',
    'CANCELED',
    'FINISHED',
    'RESTARTING',
    'SUSPENDED',
    'RECONCILING',
  ];
  return {
    ...Object.fromEntries(all.map((name) => [name, 0])),
    INITIALIZING: record.submittedAt,
    CREATED: record.submittedAt,
    [state]: record.statusAt,
  };
}

function vertexOf(view: JobView, vertex: JobVertex, now: number): JobDetails['vertices'][number] {
  const state = subtaskStates[shownStatus(view.record)];
  return {
    id: vertex.vertexId,
    slotSharingGroupId: view.record.jobId,
    name: vertex.name,
    maxParallelism: vertex.maxParallelism,
    parallelism: vertex.parallelism,
    status: state,
    ...lifetimeOf(view, now),
    tasks: countsOf(state, vertex.parallelism),
    metrics: metricsOf(view, vertex),
  };
}

/** The record counts what sources read in all: where there is one source, that is what it wrote. */
export function metricsOf({ record, description }: JobView, vertex: JobVertex): Record<string, number | boolean> {
  const sources = description.graph.vertices.filter((each) => each.level === 0);
  const knowsOutput = vertex.level === 0 && sources.length === 1;
  return {
    'read-bytes': 0,
    'read-bytes-complete': false,
    'write-bytes': 0,
    'write-bytes-complete': false,
    'read-records': 0,
    'read-records-complete': vertex.level === 0,
    'write-records': knowsOutput ? record.totals.recordsIn : 0,
    'write-records-complete': knowsOutput,
    'accumulated-backpressured-time': 0,
    'accumulated-idle-time': 0,
    'accumulated-busy-time': 0,
  };
}

/** What the dashboard draws. */
export const planOf = (graph: JobGraph, of: { readonly jid: string; readonly name: string }): JobDetails['plan'] => ({
  ...of,
  type: 'STREAMING',
  nodes: graph.vertices.map((vertex) => planNodeOf(vertex, graph.edges)),
});

function planNodeOf(vertex: JobVertex, edges: readonly JobEdge[]): JobDetails['plan']['nodes'][number] {
  const inputs = edges
    .filter((edge) => edge.targetVertex === vertex.vertexId)
    .map((edge, num) => ({
      num,
      id: edge.sourceVertex as string,
      ship_strategy: edge.partitioning.toUpperCase(),
      exchange: 'pipelined_bounded',
    }));
  return {
    id: vertex.vertexId,
    parallelism: vertex.parallelism,
    operator: '',
    operator_strategy: '',
    description: escapeHtml(vertex.name),
    ...(inputs.length === 0 ? {} : { inputs }),
    optimizer_properties: {},
  };
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
