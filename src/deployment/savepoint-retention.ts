import type { SavepointRetention, ScheduledSavepoint } from '../protocol/scheduled-savepoint.ts';

/** A scheduled savepoint that was taken, and what is left of it. */
export interface TakenSavepoint {
  readonly entry: ScheduledSavepoint;
  /** Missing: nothing is left. `deleting`: an earlier disposal did not come to its end. */
  readonly snapshot: 'live' | 'deleting' | undefined;
}

/**
 * Which are to go: beyond the number that is kept, or too old; and those whose disposal is half-done. The latest that is
 * live never goes, however old it is: there is always one to go back to.
 */
export function disposable(
  taken: readonly TakenSavepoint[],
  { keep, maxAgeMs }: SavepointRetention,
  now: number,
): readonly ScheduledSavepoint[] {
  const newestFirst = taken.toSorted((a, b) => b.entry.scheduledAt - a.entry.scheduledAt);
  const halfDone = newestFirst.filter(({ snapshot }) => snapshot === 'deleting');
  const live = newestFirst.filter(({ snapshot }) => snapshot === 'live');
  const isExpired = ({ entry }: TakenSavepoint, index: number): boolean =>
    index > 0 && ((keep !== undefined && index >= keep) || (maxAgeMs !== undefined && now - entry.scheduledAt > maxAgeMs));
  return [...halfDone, ...live.filter(isExpired)].map(({ entry }) => entry);
}
