/** Shapes of what the control API says of deployments: all of this is ours, Flink has none. */
import * as z from 'zod';
import type { DeploymentRecord, OperationOutcome } from '../protocol/deployment-record.ts';
import type { ScheduledSavepoint } from '../protocol/scheduled-savepoint.ts';

const outcome = z.object({
  id: z.string(),
  kind: z.enum(['create', 'update', 'delete']),
  outcome: z.enum(['succeeded', 'failed']),
  words: z.string(),
  at: z.number(),
  jobId: z.string().nullable(),
  savepoint: z.string().nullable(),
});

export const deploymentView = z.object({
  name: z.string(),
  deleted: z.boolean(),
  program: z.string().nullable(),
  job: z.object({ id: z.string(), status: z.string() }).nullable(),
  operation: z.object({ id: z.string(), kind: z.string(), stage: z.string(), begunAt: z.number() }).nullable(),
  last: outcome.nullable(),
  schedule: z
    .object({
      expression: z.string(),
      timeZone: z.string().nullable(),
      keep: z.number().nullable(),
      maxAgeMs: z.number().nullable(),
    })
    .nullable(),
});
export type DeploymentView = z.infer<typeof deploymentView>;

export const deploymentList = z.object({ deployments: z.array(deploymentView) });

export const deploymentDetails = deploymentView.extend({
  savepoints: z.array(
    z.object({ scheduledAt: z.number(), state: z.string(), words: z.string(), jobId: z.string().nullable(), path: z.string().nullable() }),
  ),
});
export type DeploymentDetails = z.infer<typeof deploymentDetails>;

/** Whether it is over, what it waits for, and what came of it. */
export const deploymentProgress = z.object({
  kind: z.enum(['working', 'done', 'superseded']),
  stage: z.string().nullable(),
  words: z.string(),
  outcome: outcome.nullable(),
});

export const outcomeView = ({ jobId, savepoint, ...said }: OperationOutcome) => ({
  ...said,
  jobId: jobId ?? null,
  savepoint: savepoint ?? null,
});

export function viewOf(record: DeploymentRecord, jobStatus: string | undefined): DeploymentView {
  const { name, job, operation, last, schedule } = record;
  return {
    name,
    deleted: record.deleted === true,
    program: record.program ?? null,
    job: job === undefined ? null : { id: job, status: jobStatus ?? 'CREATED' },
    operation:
      operation === undefined ? null : { id: operation.id, kind: operation.kind, stage: operation.stage, begunAt: operation.begunAt },
    last: last === undefined ? null : outcomeView(last),
    schedule:
      schedule === undefined
        ? null
        : {
            expression: schedule.expression,
            timeZone: schedule.timeZone ?? null,
            keep: schedule.keep ?? null,
            maxAgeMs: schedule.maxAgeMs ?? null,
          },
  };
}

export const savepointView = ({ scheduledAt, state, words, jobId, path }: ScheduledSavepoint) => ({
  scheduledAt,
  state,
  words,
  jobId: jobId ?? null,
  path: path ?? null,
});
