/** Pure: how a vertex of a job and its subtasks look in Flink's shapes. */
import type { JobVertex } from '../graph/job-graph.ts';
import { type JobView, shownStatus } from '../job/job-service.ts';
import { countsOf, lifetimeOf, metricsOf, subtaskStates } from './job-views.ts';
import { type ExecutionState, executionStates } from './replies.ts';
import type { SubtaskTimes, VertexBackPressure, VertexDetails, VertexTaskManagers } from './vertex-replies.ts';

type Subtask = VertexDetails['subtasks'][number];

/** Subtasks have no life of their own between epochs: times and states are those of their job. */
export function vertexDetailsOf(view: JobView, vertex: JobVertex, now: number): VertexDetails {
  const subtasks = subtasksOf(view, vertex, now);
  const { vertexId, name, parallelism, maxParallelism } = vertex;
  return { id: vertexId, name, parallelism, maxParallelism, now, subtasks, aggregated: aggregatedOf(subtasks) };
}

export function subtaskTimesOf(view: JobView, vertex: JobVertex, now: number): SubtaskTimes {
  const subtasks = subtasksOf(view, vertex, now).map(({ subtask, host, endpoint, duration, status, 'start-time': started }) => ({
    subtask,
    host,
    endpoint,
    duration,
    timestamps: { ...Object.fromEntries(executionStates.map((state) => [state, 0])), CREATED: started, [status]: view.record.statusAt },
  }));
  return { id: vertex.vertexId, name: vertex.name, now, subtasks };
}

export function vertexTaskManagersOf(view: JobView, vertex: JobVertex, now: number): VertexTaskManagers {
  const subtasks = subtasksOf(view, vertex, now);
  const status = statusOf(view);
  const taskmanagers = [...new Set(subtasks.map((each) => each['taskmanager-id']))].map((id) => {
    const own = subtasks.filter((each) => each['taskmanager-id'] === id);
    return {
      host: own[0]!.host,
      endpoint: own[0]!.endpoint,
      status,
      ...lifetimeOf(view, now),
      metrics: emptyMetrics(view, vertex),
      'status-counts': countsOf(status, own.length),
      'taskmanager-id': id,
      aggregated: aggregatedOf(own),
    };
  });
  return { id: vertex.vertexId, name: vertex.name, now, taskmanagers };
}

/** A level runs when the one before it is done, from what that one stored: nobody ever waits for a slower reader. */
export function vertexBackPressureOf({ record }: JobView, { parallelism }: JobVertex, now: number): VertexBackPressure {
  const none = { backpressureLevel: 'ok', 'backpressure-level': 'ok' } as const;
  return {
    status: 'ok',
    ...none,
    'end-timestamp': Math.max(record.latestStamp, record.statistics?.completedAt ?? 0) || now,
    subtasks: Array.from({ length: parallelism }, (_, subtask) => ({
      subtask,
      'attempt-number': record.totals.restarts,
      ...none,
      ratio: 0,
      idleRatio: 'NaN' as const,
      busyRatio: 'NaN' as const,
    })),
  };
}

const statusOf = (view: JobView): ExecutionState => subtaskStates[shownStatus(view.record)];

/** Records and bytes are counted for the job as a whole: of a subtask none are known, and `...-complete` says so. */
const emptyMetrics = (view: JobView, vertex: JobVertex): Record<string, number | boolean> =>
  Object.fromEntries(Object.entries(metricsOf(view, vertex)).map(([name, value]) => [name, typeof value === 'number' ? 0 : false]));

/** The function that runs a subtask, under both names that Flink's clients know. */
export function placeOf({ description }: JobView, subtask: number): { readonly host: string; readonly endpoint: string } {
  const slot = subtask % description.slots;
  const name = description.program.slotFunctions[slot] ?? `slot ${slot}`;
  return { host: name, endpoint: name };
}

function subtasksOf(view: JobView, vertex: JobVertex, now: number): Subtask[] {
  const { slots } = view.description;
  const status = statusOf(view);
  const lifetime = lifetimeOf(view, now);
  const since = lifetime['end-time'] === -1 ? Math.max(0, now - view.record.statusAt) : 0;
  return Array.from({ length: vertex.parallelism }, (_, subtask) => ({
    subtask,
    status,
    attempt: view.record.totals.restarts,
    ...placeOf(view, subtask),
    ...lifetime,
    metrics: emptyMetrics(view, vertex),
    'taskmanager-id': `slot-${subtask % slots}`,
    'status-duration': { ...Object.fromEntries(executionStates.map((state) => [state, 0])), [status]: since },
  }));
}

function aggregatedOf(subtasks: readonly Subtask[]): VertexDetails['aggregated'] {
  const over = (rows: readonly Readonly<Record<string, number | boolean>>[]) =>
    Object.fromEntries(
      Object.keys(rows[0] ?? {})
        .filter((name) => typeof rows[0]![name] === 'number')
        .map((name) => [name, spreadOf(rows.map((row) => Number(row[name])))]),
    );
  return {
    metrics: over(subtasks.map(({ metrics }) => metrics)),
    'status-duration': over(subtasks.map((each) => each['status-duration'])),
  };
}

function spreadOf(values: readonly number[]): Record<string, number> {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    min: sorted[0]!,
    max: sorted.at(-1)!,
    avg: Math.round(sum / sorted.length),
    sum,
    median: at(0.5),
    p25: at(0.25),
    p75: at(0.75),
    p95: at(0.95),
  };
}
