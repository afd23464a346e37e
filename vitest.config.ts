import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

export default defineConfig({
  resolve: { conditions: ['weir-source'] },
  ssr: { resolve: { conditions: ['weir-source', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // They need what is fetched from elsewhere, and have scripts of their own: see vitest.external.config.ts.
    exclude: ['test/external/**', 'test/package/**'],
    globalSetup: ['test/common-bundles.ts'],
    pool: 'forks',
    // Vitest would leave one core to itself: on two, half of the machine. Tests of whole processes wait for a third of their time.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    typecheck: { enabled: false },
    sequence: { sequencer: LongestFirst },
  },
});
