// Programs by chance, their inputs, epochs, parallelism and faults. Set WEIR_SEEDS for more seeds, WEIR_SEED for the first.
import { expect, it } from 'vitest';
import { describeFailure, judgeProgram } from './support/judge-program.ts';

const seeds = Number(process.env['WEIR_SEEDS'] ?? 2_000);
const firstSeed = Number(process.env['WEIR_SEED'] ?? 1);

/** Seeds that found a mistake once. */
const regressions: readonly number[] = [];

async function failuresOf(range: Iterable<number>): Promise<readonly string[]> {
  const failures: string[] = [];
  // The interpreter of workflows makes errors by the thousand to leave loops; their stacks would take most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (const seed of range) {
    const message = await judgeProgram(seed);
    if (message !== undefined) failures.push(await describeFailure(seed, message));
    if (failures.length >= 3) break;
  }
  Error.stackTraceLimit = stackTraceLimit;
  return failures;
}

it(`${seeds} random programs are the same as their references, with and without faults`, async () => {
  const range = Array.from({ length: seeds }, (_, index) => firstSeed + index);
  expect((await failuresOf([...regressions, ...range])).join('\n\n')).toBe('');
}, 86_400_000);
