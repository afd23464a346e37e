/**
 * `npm test`, `npm run test:deploy`: runs vitest and ends with one plain line of counts. Arguments go to vitest. No tests at
 * all are a failure; skipped ones have said why.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDependencies, projectEnvironment, root, runNode } from './bootstrap.mjs';

installDependencies();
const directory = mkdtempSync(join(tmpdir(), 'weir-test-'));
const countsFile = join(directory, 'counts.json');
const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'test-counts.mjs')}`];
const exitCode = await runNode([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...projectEnvironment(), WEIR_TEST_COUNTS: countsFile },
});
const counts = readCounts();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = exitCode !== 0 ? exitCode : counts.failed > 0 || counts.passed + counts.skipped === 0 ? 1 : 0;

/** Without counts vitest did not come to its end: that is a failure by itself. */
function readCounts() {
  try {
    const counts = JSON.parse(readFileSync(countsFile, 'utf8'));
    return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
