import type { RestorePlan } from '../savepoint/restore-plan.ts';

/** What a plan says against a restore, as one text. */
export const restoreRefusal = ({ refusals }: RestorePlan): string =>
  [...new Set(refusals.flatMap(({ message, advice }) => [message, advice]))].join(' ');
