/** Pure: how a job's failure looks in Flink's shapes. The record keeps the cause of the latest one. */
import type { JobView } from '../job/job-service.ts';
import type { FailureCause } from '../protocol/failure.ts';
import type { JobExceptions } from './replies.ts';

export interface ExceptionFilter {
  /** Entries of the history, the newest first. */
  readonly entriesMax: number;
  /** `key:value`, several joined by commas: entries that have all of these labels. Left out: any. */
  readonly labels: string | undefined;
}

type Entry = JobExceptions['exceptionHistory']['entries'][number];

export function exceptionsOf({ record }: JobView, { entriesMax, labels }: ExceptionFilter): JobExceptions {
  const { cause, failedAt } = record;
  const known = cause === undefined ? [] : [entryOf(cause, failedAt)].filter((entry) => hasLabels(entry, labels));
  const truncated = known.length > entriesMax;
  return {
    'root-exception': cause === undefined ? null : textOf(cause),
    timestamp: cause === undefined ? null : failedAt,
    truncated,
    'all-exceptions': [],
    exceptionHistory: { entries: known.slice(0, entriesMax), truncated },
  };
}

const entryOf = (cause: FailureCause, timestamp: number): Entry => ({
  exceptionName: cause.code,
  stacktrace: textOf(cause),
  timestamp,
  failureLabels: { code: cause.code, domain: cause.domain, ...(cause.position === undefined ? {} : { position: cause.position }) },
  taskName: cause.operator === undefined ? null : `${cause.operator}${cause.subtask === undefined ? '' : ` (${cause.subtask + 1})`}`,
  endpoint: null,
  taskManagerId: null,
  concurrentExceptions: [],
});

function hasLabels({ failureLabels }: Entry, labels: string | undefined): boolean {
  if (labels === undefined || labels === '') return true;
  return labels.split(',').every((label) => Object.entries(failureLabels).some(([key, value]) => label === `${key}:${value}`));
}

const textOf = (cause: FailureCause): string =>
  [`${cause.code}: ${cause.message}`, cause.advice, cause.stack].filter((part) => part !== undefined).join('\n');
