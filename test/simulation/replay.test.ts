// A failure that is found must be found again: the seed decides everything.
import { describe, expect, it } from 'vitest';
import { randomFaults, simulateJob } from '../../src/testing/index.ts';
import { delaysByAirport } from './jobs.ts';

const { definition } = delaysByAirport(80, { recordsPerSecond: 25, irregular: true });
const journalOf = async (seed: number, faulty: boolean): Promise<string> => {
  const faults = faulty ? { faults: randomFaults({ seed, probability: 0.03 }) } : {};
  return (await simulateJob(definition, { parallelism: 2, seed, ...faults })).journal.join('\n');
};

describe('a simulated run', () => {
  it.each([false, true])('is the same byte for byte under the same seed (faults: %s)', async (faulty) => {
    const first = await journalOf(11, faulty);
    expect(first.length).toBeGreaterThan(1_000);
    expect(await journalOf(11, faulty)).toBe(first);
  });

  it('is another one under another seed', async () => {
    expect(await journalOf(12, false)).not.toBe(await journalOf(11, false));
  });

  it('is not changed by what ran before it in the same process', async () => {
    const first = await journalOf(13, true);
    await journalOf(14, true);
    expect(await journalOf(13, true)).toBe(first);
  });
});
