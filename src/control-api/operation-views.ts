/** Pure: an operation's record in the shapes of Flink's asynchronous operations. There is no failed status: a failure is a result. */
import * as z from 'zod';
import type { FailureCause } from '../protocol/failure.ts';
import type { OperationRecord } from '../protocol/operation.ts';
import { type FailureCauseView, failureCauseView, failureView } from './failure-view.ts';

const statusOf = <Operation extends z.ZodType>(operation: Operation) =>
  z.object({ status: z.object({ id: z.enum(['IN_PROGRESS', 'COMPLETED']) }), operation: operation.nullable() });

/** GET /jobs/:jobid/savepoints/:triggerid. Exactly one of `location` and `failure-cause`. */
export const savepointStatus = statusOf(
  z.object({
    location: z.string().optional(),
    'failure-cause': failureCauseView.optional(),
    weir: z.object({ note: z.string() }).optional(),
  }),
);
/** GET /jobs/:jobid/checkpoints/:triggerid: here the failure is in camel case. */
export const checkpointStatus = statusOf(z.object({ checkpointId: z.number().optional(), failureCause: failureCauseView.optional() }));
/** GET /savepoint-disposal/:triggerid. */
export const disposalStatus = statusOf(
  z.object({
    'failure-cause': failureCauseView.optional(),
    weir: z.object({ deleted: z.number(), kept: z.array(z.object({ what: z.string(), why: z.string() })) }).optional(),
  }),
);

const inProgress = { status: { id: 'IN_PROGRESS' as const }, operation: null };
const completed = <T>(operation: T) => ({ status: { id: 'COMPLETED' as const }, operation });

export function savepointStatusOf({ state }: OperationRecord): z.infer<typeof savepointStatus> {
  if (state.kind !== 'completed') return inProgress;
  const { result } = state;
  if (result.kind !== 'savepoint') return completed({ 'failure-cause': causeOf(result) });
  return completed({ location: result.path, ...(result.note === undefined ? {} : { weir: { note: result.note } }) });
}

export function checkpointStatusOf({ state }: OperationRecord): z.infer<typeof checkpointStatus> {
  if (state.kind !== 'completed') return inProgress;
  const { result } = state;
  return completed(result.kind === 'checkpoint' ? { checkpointId: result.checkpoint } : { failureCause: causeOf(result) });
}

export function disposalStatusOf({ state }: OperationRecord): z.infer<typeof disposalStatus> {
  if (state.kind !== 'completed') return inProgress;
  const { result } = state;
  if (result.kind !== 'disposed') return completed({ 'failure-cause': causeOf(result) });
  return completed({ weir: { deleted: result.deleted, kept: [...result.kept] } });
}

function causeOf(result: { readonly kind: string; readonly failure?: FailureCause }): FailureCauseView {
  return failureView(
    result.failure ?? {
      code: 'OPERATION_OF_ANOTHER_KIND',
      domain: 'user',
      message: `This trigger id belongs to an operation whose result is a ${result.kind}.`,
    },
  );
}
