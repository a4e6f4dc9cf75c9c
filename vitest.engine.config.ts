import { defineConfig } from 'vitest/config'

/** The engine's own tests, for mutation testing (`stryker.config.json`). */
export default defineConfig({
  test: {
    include: [
      'test/unit/engine/**/*.test.ts',
      'test/property/engine/**/*.test.ts',
      'test/regressions/engine.test.ts',
    ],
    exclude: ['test/unit/engine/guards.test.ts', 'test/property/engine/guards.test.ts'],
    testTimeout: 60_000,
    maxWorkers: 1,
  },
})
