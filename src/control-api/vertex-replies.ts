/** Shapes of replies about one vertex of a job: Flink's REST API, field by field. */
import * as z from 'zod';
import { executionState, hexId } from './replies.ts';

const ioMetrics = z.record(z.string(), z.union([z.number(), z.boolean()]));
/** Of one metric over several subtasks: min, max, avg, sum, median, p25, p75, p95. */
const aggregated = z.object({
  metrics: z.record(z.string(), z.record(z.string(), z.number())),
  'status-duration': z.record(z.string(), z.record(z.string(), z.number())),
});
/** The function that runs it, under both names that clients know. */
const place = { host: z.string(), endpoint: z.string() };
const lifetime = { 'start-time': z.number(), 'end-time': z.number(), duration: z.number() };

/** GET /jobs/:jobid/vertices/:vertexid. */
export const vertexDetails = z.object({
  id: hexId,
  name: z.string(),
  parallelism: z.number(),
  maxParallelism: z.number(),
  now: z.number(),
  subtasks: z.array(
    z.object({
      subtask: z.number(),
      status: executionState,
      attempt: z.number(),
      ...place,
      ...lifetime,
      metrics: ioMetrics,
      'taskmanager-id': z.string(),
      'status-duration': z.record(z.string(), z.number()),
    }),
  ),
  aggregated,
});
export type VertexDetails = z.infer<typeof vertexDetails>;

/** GET /jobs/:jobid/vertices/:vertexid/subtasktimes. */
export const subtaskTimes = z.object({
  id: hexId,
  name: z.string(),
  now: z.number(),
  subtasks: z.array(z.object({ subtask: z.number(), ...place, duration: z.number(), timestamps: z.record(z.string(), z.number()) })),
});
export type SubtaskTimes = z.infer<typeof subtaskTimes>;

/** GET /jobs/:jobid/vertices/:vertexid/taskmanagers: slots, in Flink's word for what runs subtasks. */
export const vertexTaskManagers = z.object({
  id: hexId,
  name: z.string(),
  now: z.number(),
  taskmanagers: z.array(
    z.object({
      ...place,
      status: executionState,
      ...lifetime,
      metrics: ioMetrics,
      'status-counts': z.record(executionState, z.number()),
      'taskmanager-id': z.string(),
      aggregated,
    }),
  ),
});
export type VertexTaskManagers = z.infer<typeof vertexTaskManagers>;

const level = z.enum(['ok', 'low', 'high']);
const ratio = z.union([z.number(), z.literal('NaN')]);

/** GET /jobs/:jobid/vertices/:vertexid/backpressure. Older clients know the level by its name in kebab case. */
export const vertexBackPressure = z.object({
  status: z.enum(['ok', 'deprecated']),
  backpressureLevel: level,
  'backpressure-level': level,
  'end-timestamp': z.number(),
  subtasks: z.array(
    z.object({
      subtask: z.number(),
      'attempt-number': z.number(),
      backpressureLevel: level,
      'backpressure-level': level,
      ratio,
      idleRatio: ratio,
      busyRatio: ratio,
    }),
  ),
});
export type VertexBackPressure = z.infer<typeof vertexBackPressure>;

/** Metrics with values; or, asked for none by name, the names that there are. */
export const metricList = z.array(z.object({ id: z.string(), value: z.string().optional() }));
export type MetricList = z.infer<typeof metricList>;

export const aggregatedMetricList = z.array(
  z.object({
    id: z.string(),
    min: z.number().optional(),
    max: z.number().optional(),
    avg: z.number().optional(),
    sum: z.number().optional(),
  }),
);
export type AggregatedMetricList = z.infer<typeof aggregatedMetricList>;
