/** Shapes of the control API's replies: Flink's REST API, field by field, with our own additions under `weir`. */
import * as z from 'zod';

export const hexId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hex digits');

export const jobStatus = z.enum(['CREATED', 'RUNNING', 'RESTARTING', 'FAILING', 'FAILED', 'CANCELLING', 'CANCELED', 'FINISHED']);
export type JobStatus = z.infer<typeof jobStatus>;

export const executionStates = [
  'CREATED',
  'SCHEDULED',
  'DEPLOYING',
  'RUNNING',
  'FINISHED',
  'CANCELING',
  'CANCELED',
  'FAILED',
  'RECONCILING',
  'INITIALIZING',
] as const;
export const executionState = z.enum(executionStates);
export type ExecutionState = z.infer<typeof executionState>;

/** A row of GET /jobs/overview. */
export const jobRow = z.object({
  jid: hexId,
  name: z.string(),
  'start-time': z.number(),
  'end-time': z.number(),
  duration: z.number(),
  state: jobStatus,
  'last-modification': z.number(),
  /** `total`, and a count for each execution state in lower case. */
  tasks: z.record(z.string(), z.number()),
});
export type JobRow = z.infer<typeof jobRow>;

const vertex = z.object({
  id: hexId,
  slotSharingGroupId: hexId,
  name: z.string(),
  maxParallelism: z.number(),
  parallelism: z.number(),
  status: executionState,
  'start-time': z.number(),
  'end-time': z.number(),
  duration: z.number(),
  tasks: z.record(executionState, z.number()),
  metrics: z.record(z.string(), z.union([z.number(), z.boolean()])),
});

const planNode = z.object({
  id: hexId,
  parallelism: z.number(),
  operator: z.string(),
  operator_strategy: z.string(),
  description: z.string(),
  inputs: z.array(z.object({ num: z.number(), id: hexId, ship_strategy: z.string(), exchange: z.string() })).optional(),
  optimizer_properties: z.object({}),
});

/** What the dashboard draws. */
export const jobPlan = z.object({ jid: hexId, name: z.string(), type: z.string(), nodes: z.array(planNode) });

const failureCause = z.object({
  code: z.string(),
  domain: z.enum(['program', 'user', 'resources', 'external', 'internal']),
  message: z.string(),
  advice: z.string().optional(),
  operator: z.string().optional(),
  subtask: z.number().optional(),
  position: z.string().optional(),
  stack: z.string().optional(),
});

const statistics = z.object({
  completedAt: z.number(),
  durationMs: z.number(),
  recordsIn: z.number(),
  recordsOut: z.number(),
  skipped: z.number(),
  checkpointBytes: z.number(),
  stateBytes: z.number(),
  stateEntries: z.number(),
});

/** What Flink's shapes have no place for: how far a job has come. */
const jobProgress = z.object({
  /** The latest completed checkpoint; 0: none. */
  checkpoint: z.number(),
  generation: z.number(),
  attempt: z.number(),
  slots: z.number(),
  programId: z.string(),
  checkpointIntervalMs: z.number(),
  totals: z.object({
    recordsIn: z.number(),
    recordsOut: z.number(),
    skipped: z.number(),
    checkpointsCompleted: z.number(),
    checkpointsFailed: z.number(),
    restarts: z.number(),
  }),
  /** Of the latest checkpoint. */
  statistics: statistics.optional(),
  batch: z.object({ records: z.number(), bytes: z.number() }),
  /** Failures in a row since the latest checkpoint. */
  failures: z.number(),
  cause: failureCause.optional(),
});
export type JobProgress = z.infer<typeof jobProgress>;

/** GET /jobs/:jobid. */
export const jobDetails = z.object({
  jid: hexId,
  name: z.string(),
  isStoppable: z.boolean(),
  state: jobStatus,
  'job-type': z.enum(['STREAMING', 'BATCH']),
  'start-time': z.number(),
  'end-time': z.number(),
  duration: z.number(),
  maxParallelism: z.number(),
  now: z.number(),
  timestamps: z.record(z.string(), z.number()),
  vertices: z.array(vertex),
  'status-counts': z.record(executionState, z.number()),
  plan: jobPlan,
  weir: jobProgress,
});
export type JobDetails = z.infer<typeof jobDetails>;

/** GET /jobs/:jobid/exceptions. */
export const jobExceptions = z.object({
  'root-exception': z.string().nullable(),
  timestamp: z.number().nullable(),
  truncated: z.boolean(),
  'all-exceptions': z.array(z.object({ exception: z.string(), task: z.string(), timestamp: z.number() })),
  exceptionHistory: z.object({
    entries: z.array(
      z.object({
        exceptionName: z.string(),
        stacktrace: z.string(),
        timestamp: z.number(),
        failureLabels: z.record(z.string(), z.string()),
        taskName: z.string().nullable(),
        endpoint: z.null(),
        taskManagerId: z.null(),
        concurrentExceptions: z.array(z.never()),
      }),
    ),
    truncated: z.boolean(),
  }),
});
export type JobExceptions = z.infer<typeof jobExceptions>;

/** GET /jobs/:jobid/config. */
export const jobConfiguration = z.object({
  jid: hexId,
  name: z.string(),
  'execution-config': z.object({
    'restart-strategy': z.string(),
    'job-parallelism': z.number(),
    'object-reuse-mode': z.boolean(),
    'user-config': z.record(z.string(), z.string()),
  }),
});

/** GET /config. */
export const dashboardConfiguration = z.object({
  'refresh-interval': z.number(),
  'timezone-name': z.string(),
  'timezone-offset': z.number(),
  'flink-version': z.string(),
  'flink-revision': z.string(),
  features: z.object({ 'web-submit': z.boolean(), 'web-cancel': z.boolean(), 'web-rescale': z.boolean(), 'web-history': z.boolean() }),
  weir: z.object({ instance: z.string().nullable() }),
});

/** GET /overview. */
export const clusterOverview = z.object({
  taskmanagers: z.number(),
  'slots-total': z.number(),
  'slots-available': z.number(),
  'jobs-running': z.number(),
  'jobs-finished': z.number(),
  'jobs-cancelled': z.number(),
  'jobs-failed': z.number(),
  'flink-version': z.string(),
  'flink-commit': z.string(),
});
