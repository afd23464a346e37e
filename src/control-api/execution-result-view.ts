/** Pure: how a job ended, for a client that waits for it. */
import * as z from 'zod';
import { type JobView, shownStatus } from '../job/job-service.ts';
import { failureCauseView, failureView } from './failure-view.ts';
import { hexId } from './replies.ts';

/** GET /jobs/:jobid/execution-result. */
export const executionResult = z.object({
  status: z.object({ id: z.enum(['IN_PROGRESS', 'COMPLETED']) }),
  'job-execution-result': z
    .object({
      id: hexId,
      'application-status': z.enum(['SUCCEEDED', 'FAILED', 'CANCELED']),
      /** Milliseconds from the submission to the end. */
      'net-runtime': z.number(),
      /** Serialized Java objects, which there are none of here: GET /jobs/:jobid/accumulators has them as texts and numbers. */
      'accumulator-results': z.object({}),
      'failure-cause': failureCauseView.optional(),
    })
    .nullable(),
});

const applicationStatuses = { FINISHED: 'SUCCEEDED', FAILED: 'FAILED', CANCELED: 'CANCELED' } as const;

export function executionResultOf({ record }: JobView): z.infer<typeof executionResult> {
  const status = shownStatus(record);
  if (status !== 'FINISHED' && status !== 'FAILED' && status !== 'CANCELED') {
    return { status: { id: 'IN_PROGRESS' }, 'job-execution-result': null };
  }
  const { jobId, statusAt, submittedAt, cause } = record;
  return {
    status: { id: 'COMPLETED' },
    'job-execution-result': {
      id: jobId,
      'application-status': applicationStatuses[status],
      'net-runtime': Math.max(0, statusAt - submittedAt),
      'accumulator-results': {},
      ...(status === 'FAILED' && cause !== undefined ? { 'failure-cause': failureView(cause) } : {}),
    },
  };
}
