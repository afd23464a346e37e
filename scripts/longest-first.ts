import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take minutes, the longest first. On a machine that has run them before, vitest knows how long each took; where it
 * hasn't, it goes by the sizes of files, and the longest of all, which is short, begins last: one core waits for it alone.
 */
const long: readonly string[] = [
  'test/simulation/random-programs.test.ts',
  'test/simulation/single-faults.test.ts',
  'test/simulation/request-faults.test.ts',
  'test/simulation/restore-faults.test.ts',
  'test/end-to-end/kill.test.ts',
  'test/end-to-end/savepoint-kill.test.ts',
  'test/simulation/savepoint-races.test.ts',
  'test/simulation/savepoint-kills.test.ts',
  'test/simulation/paired-faults.test.ts',
  'test/savepoints-guide/triggering.test.ts',
  'test/cli/run.test.ts',
];

/** Runs long files before short ones, whatever this machine remembers of them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = long.findIndex((name) => moduleId.endsWith(`/${name}`));
      return index < 0 ? long.length : index;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
