import { defineConfig } from 'vitest/config';

/** `npm run test:conformance`, `test:flink-cli`, `test:cfn-lint`: what needs programs that are fetched at their first use. */
export default defineConfig({
  resolve: { conditions: ['weir-source'] },
  ssr: { resolve: { conditions: ['weir-source', 'node'] } },
  test: { include: ['test/external/**/*.test.ts'], pool: 'forks', testTimeout: 120_000, hookTimeout: 300_000 },
});
