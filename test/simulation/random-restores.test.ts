// Programs by chance that are stopped and resumed at other parallelisms, from savepoints and retained checkpoints, with and
// without faults. Set WEIR_SEEDS for more seeds, WEIR_SEED for the first.
import { expect, it } from 'vitest';
import { judgeRestore } from './support/judge-restore.ts';

const seeds = Number(process.env['WEIR_SEEDS'] ?? 150);
const firstSeed = Number(process.env['WEIR_SEED'] ?? 1);

it(`${seeds} random programs, stopped and resumed, give what they give in one go`, async () => {
  const failures: string[] = [];
  let resumes = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds && failures.length < 3; seed++) {
    const { failure, resumed } = await judgeRestore(seed);
    resumes += resumed;
    if (failure !== undefined) failures.push(failure);
  }
  expect(failures.join('\n\n')).toBe('');
  expect(resumes).toBeGreaterThan(seeds / 2);
}, 86_400_000);
