/** Shapes of what the control API says of snapshots and restores: ours, since Flink's REST API has no words for them. */
import * as z from 'zod';
import { hexId } from './replies.ts';

const plannedOperator = z.object({ operatorId: hexId, uid: z.string().optional(), name: z.string() });
const change = z.object({ before: z.number(), now: z.number() });
const outcome = z.enum(['restored', 'new', 'dropped', 'incompatible']);
const remark = z.object({
  rule: z.string(),
  message: z.string(),
  advice: z.string(),
  operator: plannedOperator.optional(),
  state: z.string().optional(),
});

/** POST /savepoint-check: the restore plan, as `src/savepoint/restore-plan.ts` has it. */
export const restorePlanView = z.object({
  kind: z.enum(['restorable', 'refused']),
  jobId: hexId,
  jobName: z.string(),
  checkpoint: z.number(),
  operators: z.array(
    z.object({
      operator: plannedOperator,
      vertexId: z.string(),
      outcome,
      from: plannedOperator.extend({ by: z.enum(['uid', 'uidHash', 'place']) }).optional(),
      parallelism: change.optional(),
      maxParallelism: change.extend({ adopted: z.boolean() }).optional(),
      states: z.array(
        z.object({
          name: z.string(),
          kind: z.string(),
          outcome,
          entries: z.number().optional(),
          bytes: z.number().optional(),
          migrated: z.object({ from: z.number(), to: z.number() }).optional(),
        }),
      ),
    }),
  ),
  refusals: z.array(remark),
  warnings: z.array(remark),
  maxParallelisms: z.record(z.string(), z.number()),
});
export type RestorePlanView = z.infer<typeof restorePlanView>;

/** A savepoint or retained checkpoint in a listing. */
export const snapshotRow = z.object({
  path: z.string(),
  kind: z.enum(['savepoint', 'checkpoint']),
  format: z.enum(['native', 'canonical']),
  jobId: hexId,
  jobName: z.string(),
  checkpoint: z.number(),
  createdAt: z.number(),
  stateBytes: z.number(),
  stateEntries: z.number(),
  metadataBytes: z.number(),
  state: z.enum(['live', 'deleting', 'deleted']),
  drained: z.literal(true).optional(),
  effectsDone: z.boolean(),
  claims: z.array(z.object({ jobId: hexId, mode: z.enum(['no_claim', 'claim']), at: z.number() })),
});
export type SnapshotRow = z.infer<typeof snapshotRow>;

/** One operation of a job, for whoever asks later. */
export const operationRow = z.object({
  id: hexId,
  kind: z.string(),
  createdAt: z.number(),
  state: z.enum(['pending', 'copying', 'completed', 'failed']),
  /** Of a savepoint. */
  path: z.string().optional(),
  checkpoint: z.number().optional(),
  message: z.string().optional(),
});
export type OperationRow = z.infer<typeof operationRow>;
