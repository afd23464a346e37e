import { describe, test } from 'vitest';
import { deploysToEnvironment } from './aws-under-test.ts';
import { findMiniStack } from './find-ministack.ts';

/** Tests that need MiniStack; where it can't be had, one skipped test that says why. `suite` is given its Python. */
export async function withMiniStack(title: string, suite: (python: string) => void): Promise<void> {
  const found = await findMiniStack();
  if (found.kind === 'missing') process.stderr.write(`Skipped: ${title}, since ${found.why}.\n`);
  describe.skipIf(found.kind === 'missing')(title, () => {
    if (found.kind === 'found') suite(found.python);
    else test(`needs MiniStack, but ${found.why}`, () => undefined);
  });
}

/** The same, with whatever AWS the variables say that is to be deployed into: then there is no Python. */
export async function withAws(title: string, suite: (python: string | undefined) => void): Promise<void> {
  if (deploysToEnvironment()) describe(title, () => suite(undefined));
  else await withMiniStack(title, suite);
}
