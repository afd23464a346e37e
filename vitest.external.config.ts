import { defineConfig } from 'vitest/config';

/** `npm run test:package`, `test:flink-cli`, `test:conformance`, `test:cfn-lint`: what needs what is fetched from elsewhere. */
export default defineConfig({
  resolve: { conditions: ['weir-source'] },
  ssr: { resolve: { conditions: ['weir-source', 'node'] } },
  test: { include: ['test/external/**/*.test.ts', 'test/package/*.test.ts'], pool: 'forks', testTimeout: 120_000, hookTimeout: 300_000 },
});
