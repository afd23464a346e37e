import { beforeEach } from 'vitest';

/** Where an implementation is known to differ from the contract: the name of the test, and what it does instead. */
export type Gaps = Readonly<Record<string, string>>;

/** Within a suite: skips what is known to fail, with its reason. */
export function skipGaps(gaps: Gaps): void {
  beforeEach(({ task, skip }) => {
    const why = gaps[task.name];
    if (why !== undefined) skip(why);
  });
}
