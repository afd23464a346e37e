import { WeirError } from '../base/errors.ts';
import { type SegmentRef, segmentName } from '../protocol/segment-ref.ts';
import { checkpointOfPath } from './snapshot-path.ts';

/** What a path is called in messages: "Savepoint s3://..." or "Checkpoint s3://.../chk-7". */
export const titleOf = (path: string): string => `${checkpointOfPath(path) === undefined ? 'Savepoint' : 'Checkpoint'} ${path}`;

export function notFound(path: string, found: string): WeirError {
  return new WeirError({
    code: 'SAVEPOINT_NOT_FOUND',
    domain: 'user',
    message: `${titleOf(path)} does not exist: ${found}.`,
    advice: 'Look the path up with: weir savepoint list',
    subject: { path },
  });
}

export function notASavepoint(path: string, found: string): WeirError {
  return new WeirError({
    code: 'NOT_A_SAVEPOINT',
    domain: 'user',
    message: `${path} is no savepoint: it should hold a file _metadata that Weir wrote, but ${found}.`,
    advice: 'Give the directory of the savepoint itself, as it was printed when it was taken: .../savepoint-<6 digits>-<12 digits>.',
    subject: { path },
  });
}

export function disposed(path: string, state: 'deleting' | 'deleted'): WeirError {
  return new WeirError({
    code: 'SAVEPOINT_DISPOSED',
    domain: 'user',
    message: `${titleOf(path)} ${state === 'deleted' ? 'was disposed of: it is gone' : 'is being disposed of'}.`,
    advice: 'Use another savepoint: weir savepoint list shows them.',
    subject: { path },
  });
}

export function notCommitted(path: string, why: string): WeirError {
  return new WeirError({
    code: 'SAVEPOINT_NOT_COMMITTED',
    domain: 'user',
    message: `${titleOf(path)} can't be used: ${why}.`,
    advice: 'Use a savepoint that weir savepoint list shows. To move one, copy it with: weir savepoint export <path> <target>',
    subject: { path },
  });
}

export function notRetained(path: string, jobId: string): WeirError {
  return new WeirError({
    code: 'CHECKPOINT_NOT_RETAINED',
    domain: 'user',
    message: `Checkpoint ${path} belongs to job ${jobId}, which still runs and will delete it.`,
    advice: `Take a savepoint, or stop the job first: weir savepoint ${jobId}, or: weir stop ${jobId}`,
    subject: { path, jobId },
  });
}

export function targetTaken(path: string): WeirError {
  return new WeirError({
    code: 'SAVEPOINT_TARGET_TAKEN',
    domain: 'user',
    message: `A savepoint can't be copied to ${path}: another one lies there already.`,
    advice: 'Choose a directory that does not exist yet.',
    subject: { path },
  });
}

export function segmentsMissing(path: string, missing: readonly SegmentRef[]): WeirError {
  const names = missing.slice(0, 3).map(segmentName);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  return new WeirError({
    code: 'SEGMENT_MISSING',
    domain: 'external',
    message: `${titleOf(path)} is not whole: ${missing.length} of its segments of state are gone or cut off: ${names.join(', ')}${more}.`,
    advice: 'Restore from another checkpoint or savepoint, and look for what else deletes from the state directory or table.',
    subject: { path },
  });
}
