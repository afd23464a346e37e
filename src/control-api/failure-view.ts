/** Pure: why an operation failed, in the three forms in which Flink's clients of different ages read it. */
import * as z from 'zod';
import type { FailureCause } from '../protocol/failure.ts';
import { serializedThrowable } from './java-throwable.ts';

/** Clients up to 1.20 read `serialized-throwable` alone, newer ones the texts; the reference client drops what it does not know. */
export const failureCauseView = z.object({
  class: z.string(),
  message: z.string(),
  'stack-trace': z.string(),
  'serialized-throwable': z.string(),
  cause: z.null(),
  suppressed: z.array(z.never()),
  /** Our own words for it. */
  weir: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }),
});
export type FailureCauseView = z.infer<typeof failureCauseView>;

/** What Flink would have thrown; tools that tell failures apart go by these names. It no longer finds a job that has ended. */
const classNames: Readonly<Record<string, string>> = {
  JOB_NOT_FOUND: 'org.apache.flink.runtime.messages.FlinkJobNotFoundException',
  JOB_ENDED: 'org.apache.flink.runtime.messages.FlinkJobNotFoundException',
  SAVEPOINT_NOT_WRITTEN: 'org.apache.flink.runtime.checkpoint.CheckpointException',
};
const otherClass = 'org.apache.flink.util.FlinkException';

export function failureView(failure: FailureCause): FailureCauseView {
  const className = classNames[failure.code] ?? otherClass;
  const message = failure.advice === undefined ? failure.message : `${failure.message} ${failure.advice}`;
  const stackTrace = `${className}: ${message}\n${failure.stack ?? ''}`;
  const blob = serializedThrowable({ className, message, stackTrace });
  return {
    class: className,
    message,
    'stack-trace': stackTrace,
    'serialized-throwable': Buffer.from(blob).toString('base64'),
    cause: null,
    suppressed: [],
    weir: { code: failure.code, message: failure.message, ...(failure.advice === undefined ? {} : { advice: failure.advice }) },
  };
}
