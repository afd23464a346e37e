// Many faults at once, and several requests that race each other, over seeds. What is stored is the checkers' to judge.
// Set WEIR_SEEDS for more seeds, WEIR_SEED for the first of them.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { randomFaults, type SimulatedRequest, simulateJob } from '../../src/testing/index.ts';
import { countsOfCounts, delaysByAirport } from './jobs.ts';

const seeds = Number(process.env['WEIR_SEEDS'] ?? 16);
const firstSeed = Number(process.env['WEIR_SEED'] ?? 1);
const jobs = [countsOfCounts(30, { recordsPerSecond: 6, irregular: true }), delaysByAirport(30, { recordsPerSecond: 6 })];

/** One to four, of any kind, at any time of the job's life. */
function requestsOf(seed: number): readonly SimulatedRequest[] {
  const random = seededRandom(`requests ${seed}`);
  const oneOf = <T>(of: readonly T[]): T => of[Math.floor(random.fraction() * of.length)]!;
  return Array.from({ length: 1 + Math.floor(random.fraction() * 4) }, (): SimulatedRequest => {
    const kind = oneOf(['savepoint', 'savepoint', 'checkpoint', 'cancel', 'stop', 'stop', 'cancelNow'] as const);
    return {
      kind,
      afterCheckpoint: Math.floor(random.fraction() * 5),
      delayMs: Math.floor(random.fraction() * 900),
      callers: oneOf([1, 1, 2]),
      format: oneOf(['native', 'native', 'canonical'] as const),
      ...(kind === 'stop' && random.fraction() < 0.5 ? { drain: true } : {}),
    };
  });
}

describe('requests under faults by chance', () => {
  it.each(Array.from({ length: seeds }, (_, index) => firstSeed + index))(
    'are answered truly with seed %i',
    async (seed) => {
      const requests = requestsOf(seed);
      const { status, answers } = await simulateJob(jobs[seed % jobs.length]!.definition, {
        seed,
        parallelism: 1 + (seed % 3),
        environmentsPerFunction: 1 + (seed % 2),
        faults: randomFaults({ seed, probability: 0.03, untilCall: 900 }),
        compareWithReference: true,
        compareSubtasks: true,
        requests,
      });
      expect(['FINISHED', 'CANCELED']).toContain(status);
      expect(answers.map((told) => told.length)).toEqual(requests.map(({ callers }) => callers));
    },
    120_000,
  );
});
