import { describe, test } from 'vitest';

export type FoundOrNot<Found> = Found | { readonly kind: 'missing'; readonly why: string };

/** Tests that need something fetched; where it can't be had, one skipped test, and a line that says why. */
export function withFound<Found extends { readonly kind: 'found' }>(
  title: string,
  found: FoundOrNot<Found>,
  suite: (found: Found) => void,
): void {
  if (found.kind === 'found') {
    describe(title, () => suite(found));
    return;
  }
  process.stderr.write(`Skipped: ${title}, since ${found.why}.\n`);
  describe.skipIf(true)(title, () => test(`needs what is missing: ${found.why}`, () => undefined));
}
