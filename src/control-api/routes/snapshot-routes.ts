import * as z from 'zod';
import { isTerminal } from '../../protocol/job-record.ts';
import type { OperationRecord } from '../../protocol/operation.ts';
import { listSnapshots } from '../../savepoint/list-snapshots.ts';
import type { ControlService } from '../control-service.ts';
import { hexId } from '../replies.ts';
import { route } from '../route.ts';
import { type OperationRow, operationRow, snapshotRow } from '../snapshot-views.ts';
import { nothing, ofJob } from './parameters.ts';

/** Snapshots as such: Flink's REST API has no words for them, so the paths are ours. */
export const snapshotRoutes = {
  snapshots: route({
    method: 'GET',
    path: '/savepoints',
    group: 'queries',
    summary: 'Savepoints and retained checkpoints that are known.',
    parameters: nothing,
    query: z.object({ job: hexId.optional() }),
    body: nothing,
    reply: z.object({ snapshots: z.array(snapshotRow) }),
    status: 200,
    handle: async (service, { query }) => ({ snapshots: await snapshotRows(service, query.job) }),
  }),
  jobSnapshots: route({
    method: 'GET',
    path: '/jobs/:jobid/snapshots',
    group: 'queries',
    summary: 'Those of a job.',
    parameters: ofJob,
    body: nothing,
    /** `latest`: of a job that is live, its latest checkpoint, which is no snapshot yet. */
    reply: z.object({ snapshots: z.array(snapshotRow), latest: z.number().nullable() }),
    status: 200,
    handle: async (service, { parameters }) => {
      const { record } = await service.job(parameters.jobid);
      const ended = isTerminal(record.status);
      return {
        snapshots: await snapshotRows(service, parameters.jobid),
        latest: ended || record.latest.checkpoint === 0 ? null : record.latest.checkpoint,
      };
    },
  }),
  jobOperations: route({
    method: 'GET',
    path: '/jobs/:jobid/operations',
    group: 'queries',
    summary: 'What was asked of a job, and what came of it.',
    parameters: ofJob,
    body: nothing,
    reply: z.object({ operations: z.array(operationRow) }),
    status: 200,
    handle: async (service, { parameters }) => {
      const operations = await service.requests.operations(parameters.jobid);
      // What was asked of a job that there never was has been answered too.
      if (operations.length === 0) await service.job(parameters.jobid);
      return { operations: operations.map(operationRowOf) };
    },
  }),
} as const;

/** Of one job, or of all that are known. */
async function snapshotRows(service: ControlService, jobId: string | undefined) {
  const snapshots = await listSnapshots(service.cloud, jobId === undefined ? {} : { jobId });
  return snapshots.map(({ claims, ...row }) => ({ ...row, claims: [...claims] }));
}

function operationRowOf({ id, asked, createdAt, state }: OperationRecord): OperationRow {
  const row = { id, kind: asked.kind, createdAt };
  if (state.kind !== 'completed') return { ...row, state: state.kind === 'copying' ? 'copying' : 'pending' };
  const { result } = state;
  switch (result.kind) {
    case 'savepoint':
      return { ...row, state: 'completed', path: result.path, ...(result.note === undefined ? {} : { message: result.note }) };
    case 'checkpoint':
      return { ...row, state: 'completed', checkpoint: result.checkpoint };
    case 'disposed':
      return { ...row, state: 'completed' };
    case 'failed':
      return { ...row, state: 'failed', message: result.failure.message };
  }
}
