import { defineConfig } from 'vitest/config';

/** `npm run test:deploy`: everything in it needs a stack that is deployed. */
export default defineConfig({
  resolve: { conditions: ['weir-source'] },
  ssr: { resolve: { conditions: ['weir-source', 'node'] } },
  test: { include: ['test/deploy/*.deploy.ts'], pool: 'forks', testTimeout: 900_000, hookTimeout: 900_000 },
});
