/** Pure: how a job's failure looks in Flink's shapes. The record keeps the cause of the latest one. */
import type { JobView } from '../job/job-service.ts';
import type { FailureCause } from '../protocol/failure.ts';
import type { JobExceptions } from './replies.ts';

export function exceptionsOf({ record }: JobView): JobExceptions {
  const { cause } = record;
  if (cause === undefined) {
    return {
      'root-exception': null,
      timestamp: null,
      truncated: false,
      'all-exceptions': [],
      exceptionHistory: { entries: [], truncated: false },
    };
  }
  const text = textOf(cause);
  const labels = { code: cause.code, domain: cause.domain, ...(cause.position === undefined ? {} : { position: cause.position }) };
  return {
    'root-exception': text,
    timestamp: record.failedAt,
    truncated: false,
    'all-exceptions': [],
    exceptionHistory: {
      entries: [
        {
          exceptionName: cause.code,
          stacktrace: text,
          timestamp: record.failedAt,
          failureLabels: labels,
          taskName:
            cause.operator === undefined ? null : `${cause.operator}${cause.subtask === undefined ? '' : ` (${cause.subtask + 1})`}`,
          endpoint: null,
          taskManagerId: null,
          concurrentExceptions: [],
        },
      ],
      truncated: false,
    },
  };
}

function textOf(cause: FailureCause): string {
  return [`${cause.code}: ${cause.message}`, cause.advice, cause.stack].filter((part) => part !== undefined).join('\n');
}
