import type { Cloud } from '../../src/cloud/index.ts';
import type { FaultKind } from '../../src/testing/faults.ts';
import type { SimulatedCloud } from '../../src/testing/simulated-cloud.ts';
import { Environment } from '../../src/testing/simulated-functions.ts';

/** All that can strike a call of a store that an environment makes. */
export const strikes: readonly FaultKind[] = [
  'errorBefore',
  'errorAfter',
  'loseEnvironment',
  'loseEnvironmentAfter',
  'errorLate',
  'echo',
  'doubled',
];

const triesMax = 10;

/**
 * Does it, and again in a fresh environment after each error and each loss of the environment, as the next poll or sweep
 * would; until it is done, or refused with one of these codes. Gives the outcome of the last try.
 */
export async function persistently<T>(
  cloud: SimulatedCloud,
  run: (stores: Cloud) => Promise<T>,
  refusals: readonly string[] = [],
): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'refused'; readonly code: string }> {
  for (let tries = 0; tries < triesMax; tries++) {
    const environment = new Environment(`try ${tries}`);
    const lost = new Promise<{ readonly kind: 'lost' }>((resolve) => {
      environment.onLost = () => resolve({ kind: 'lost' });
    });
    const outcome = await Promise.race([
      lost,
      run(cloud.for(environment)).then(
        (value) => ({ kind: 'done', value }) as const,
        (error: { code?: string }) => ({ kind: 'failed', code: error.code ?? String(error) }) as const,
      ),
    ]);
    if (outcome.kind === 'done') return outcome;
    if (outcome.kind === 'failed' && refusals.includes(outcome.code)) return { kind: 'refused', code: outcome.code };
    if (outcome.kind === 'failed' && outcome.code !== 'SERVICE_FAILED') throw new Error(`It failed with ${outcome.code}.`);
  }
  throw new Error(`It was not done in ${triesMax} tries.`);
}
