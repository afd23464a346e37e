import { seededRandom } from '../../../src/base/random.ts';
import type { FaultPlan } from '../../../src/testing/index.ts';

/** Some calls take longer than others, by chance: so that whatever is under way at the same time overtakes one another. */
export function randomDelays(of: { readonly seed: number | string; readonly probability?: number; readonly msMax?: number }): FaultPlan {
  const { seed, probability = 0.25, msMax = 900 } = of;
  const random = seededRandom(`delays ${seed}`);
  return () => (random.fraction() < probability ? { kind: 'delay', ms: 1 + Math.floor(random.fraction() ** 2 * msMax) } : undefined);
}
