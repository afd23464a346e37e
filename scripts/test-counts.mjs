import { writeFileSync } from 'node:fs';

/** A vitest reporter that writes down how many tests passed, failed and were skipped; a file that can't be loaded counts as one failed. */
export default class TestCounts {
  onTestRunEnd(testModules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      counts.failed += testModule.errors().length;
      for (const suite of testModule.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        counts[state === 'passed' ? 'passed' : state === 'failed' ? 'failed' : 'skipped'] += 1;
      }
    }
    if (process.env.WEIR_TEST_COUNTS) writeFileSync(process.env.WEIR_TEST_COUNTS, JSON.stringify(counts));
  }
}
