import { defineConfig } from 'vitest/config'

/** The tests that decide orders of the venues with a wire, for mutation testing (`stryker.venues.config.json`). */
export default defineConfig({
  test: {
    include: [
      'test/unit/venues/kalshi/{auth,fees,price-levels,rejects,rules,wire}.test.ts',
      'test/unit/venues/kraken/**/*.test.ts',
      'test/conformance/kraken.test.ts',
    ],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 120_000,
    maxWorkers: 1,
  },
})
