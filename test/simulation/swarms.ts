import { randomFaults } from '../../src/testing/index.ts';

/** Runs under many faults at once, over parallelism and numbers of environments; for `it.each`. */
export const swarms = Array.from({ length: 12 }, (_, index) => ({
  name: `swarm of seed ${index}`,
  seed: index,
  parallelism: 1 + (index % 3),
  environmentsPerFunction: 1 + (index % 2),
  faults: randomFaults({ seed: index, probability: 0.02, untilCall: 600 }),
}));
